/**
 * Implements the sliding window on a device: weights, volume and sums stay there, and the logits are
 * downloaded once.
 */

import { cropOrPad } from "../../array/crop_or_pad.ts";
import { type NdArray, sameShape, sizeOf, type Zyx, zyx } from "../../array/nd_array.ts";
import type { LogitsVisitor } from "../../labels/logits_box.ts";
import type { DeviceLimits } from "../../memory/device_limits.ts";
import { type NetworkNeeds, patchesThatFit } from "../../memory/window_memory.ts";
import { type Device, keepsResults } from "../../runtime/device.ts";
import { upload } from "../../runtime/download.ts";
import { DeviceTensor, type HostTensor, Session } from "../../runtime/session.ts";
import type { SlidingWindow, SlidingWindowOptions, SlidingWindowRun } from "../sliding_window.ts";
import { placeTiles, tileOf, tileOrigins, viewsOf } from "../tiles.ts";
import { networkNeeds } from "./network_needs.ts";
import type { PassSize } from "./pass_graphs.ts";
import { insideInputs, passesOver, passInputs } from "./passes.ts";
import { divisionModel, windowModel, windowNames } from "./window_model.ts";

/** A sliding window's options on a device. */
export interface DeviceWindowOptions extends SlidingWindowOptions {
  readonly device: Device;
  /** Whether convolutions run in float16; false by default. */
  readonly half?: boolean;
  /** Threads of the operators that run on the CPU; all cores by default. */
  readonly threads?: number;
  /** Largest number of patches per pass; as many as fit by default. */
  readonly patchesPerPass?: number;
  /** The device's memory limits, if known. */
  readonly limits?: DeviceLimits;
}

/**
 * Patches per run: few if the sums stay on the device between runs, otherwise as many as most cases
 * have.
 */
const PATCHES_PER_RUN = { resident: 4, host: 256 } as const;

/** A model that is loaded for passes of one size. */
interface Loaded {
  readonly size: PassSize;
  readonly session: Session;
}

/** A sliding window that holds all logits of a volume on a device. */
export class DeviceWindow implements SlidingWindow {
  readonly #models: readonly Uint8Array[];
  readonly #options: DeviceWindowOptions;
  readonly #needs: NetworkNeeds;
  /** For each mirrored view, the axes of (z, y, x) that it mirrors. */
  readonly #flips: readonly (readonly number[])[];
  #loaded: Loaded | undefined;
  #division: Session | undefined;

  private constructor(models: readonly Uint8Array[], options: DeviceWindowOptions) {
    const { tileSize, mirrorAxes = [] } = options;
    this.#models = models;
    this.#options = options;
    this.#needs = networkNeeds(models, options);
    this.#flips = viewsOf(tileSize, mirrorAxes);
  }

  /**
   * Loads networks into a sliding window.
   *
   * @param models One inference model of this library per fold.
   * @param options The device, and how to predict volumes.
   * @throws {DeviceMemoryError} If the device has too little memory for a volume of one tile.
   */
  static async open(
    models: readonly Uint8Array[],
    options: DeviceWindowOptions,
  ): Promise<DeviceWindow> {
    const window = new DeviceWindow(models, options);
    await window.#load(tileOf(options.tileSize));
    return window;
  }

  async forEachBox(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    visit: LogitsVisitor,
    run?: SlidingWindowRun,
  ): Promise<void> {
    await visit({ ...await this.logits(volume, run), origin: [0, 0, 0] });
  }

  async logits(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    { onProgress, signal }: SlidingWindowRun = {},
  ): Promise<NdArray<Float32Array<ArrayBuffer>>> {
    const { device, heads, tileSize, stepSize } = this.#options;
    const size = zyx(volume.shape.slice(1));
    const { tileSize: tile, paddedSize: padded, before, starts } = placeTiles(
      size,
      tileSize,
      stepSize,
    );
    const { session, size: passSize } = await this.#load(padded);
    const origins = tileOrigins(starts).map(zyx);
    const passes = passesOver(origins, this.#flips, passSize);
    const image = float(padVolume(volume, padded, before));
    const inside = insideInputs(heads, size, before);
    const keeps = keepsResults(device);
    // If the device keeps tensors between runs, the volume is uploaded once, not with every run.
    const uploaded = keeps ? await upload(device, image) : undefined;
    // One zero per channel is broadcast, so that the first full sum is allocated on the device.
    let sum: HostTensor | DeviceTensor = float({
      shape: [heads + 1, 1, 1, 1],
      data: new Float32Array(heads + 1),
    });
    const dropSum = () => sum instanceof DeviceTensor && sum.dispose();
    const perRun = Math.max(
      1,
      PATCHES_PER_RUN[keeps ? "resident" : "host"] / (passSize.tiles * passSize.views),
    );
    const total = origins.length * this.#flips.length * this.#models.length;
    try {
      for (let first = 0; first < passes.length; first += perRun) {
        signal?.throwIfAborted();
        const isLast = first + perRun >= passes.length;
        const wanted = isLast && !keeps ? windowNames.logits : windowNames.newSum;
        const results: Record<string, HostTensor | DeviceTensor> = await session.runResident(
          {
            [windowNames.volume]: uploaded?.tensor ?? image,
            [windowNames.sum]: sum,
            ...passInputs(passes.slice(first, first + perRun), tile, padded),
            ...keeps ? {} : inside,
          },
          {},
          [wanted],
        );
        dropSum();
        sum = results[wanted];
        onProgress?.(Math.round(total * Math.min(1, (first + perRun) / passes.length)), total);
      }
      if (keeps) {
        this.#division ??= await Session.create(divisionModel(heads), { device });
        const results = await this.#division.run({ [windowNames.sum]: sum, ...inside });
        dropSum();
        sum = results[windowNames.logits];
      }
    } catch (error) {
      dropSum();
      throw error;
    } finally {
      await uploaded?.release();
    }
    return { shape: [heads, ...size], data: (sum as HostTensor).data as Float32Array<ArrayBuffer> };
  }

  async close(): Promise<void> {
    await this.#loaded?.session.release();
    await this.#division?.release();
    this.#loaded = this.#division = undefined;
  }

  /** Loads the model for as many patches per pass as fit beside a volume, unless it is loaded. */
  async #load(volume: Zyx): Promise<Loaded> {
    const { device, threads, limits, patchesPerPass } = this.#options;
    const patches = patchesThatFit(this.#needs, this.#options, volume, limits, patchesPerPass);
    const views = Math.min(patches, this.#flips.length);
    const size = { views, tiles: patches / views };
    if (this.#loaded?.size.views === views && this.#loaded.size.tiles === size.tiles) {
      return this.#loaded;
    }
    await this.#loaded?.session.release();
    this.#loaded = undefined;
    const divides = !keepsResults(device);
    const model = windowModel(this.#models, size, { ...this.#options, divides });
    const resident = [windowNames.newSum];
    const session = await Session.create(model, { device, threads, resident });
    return this.#loaded = { size, session };
  }
}

/** Pads a volume that is smaller than the tile with zeros. */
function padVolume(
  volume: NdArray<Float32Array<ArrayBuffer>>,
  padded: Zyx,
  [z, y, x]: Zyx,
): NdArray<Float32Array<ArrayBuffer>> {
  const [channels, ...extents] = volume.shape;
  if (sameShape(extents, padded)) return volume;
  const shape = zyx(extents);
  const data = new Float32Array(channels * sizeOf(padded));
  for (let c = 0; c < channels; c++) {
    cropOrPad(volume.data, shape, { origin: [-z, -y, -x], size: padded }, 0, data, {
      sourceOffset: c * sizeOf(shape),
      targetOffset: c * sizeOf(padded),
    });
  }
  return { shape: [channels, ...padded], data };
}

function float({ shape, data }: NdArray<Float32Array<ArrayBuffer>>): HostTensor {
  return { type: "float32", shape, data };
}
