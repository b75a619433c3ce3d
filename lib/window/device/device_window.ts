/**
 * Prediction of a whole volume on a device: weights, volume and sums stay there, and the logits come
 * back once.
 */

import { type NdArray, type Shape, sizeOf, type Zyx, zyx } from "../../array/nd_array.ts";
import { type Device, keepsResults } from "../../runtime/device.ts";
import type { DeviceLimits } from "../../memory/device_limits.ts";
import { upload } from "../../runtime/download.ts";
import { DeviceTensor, type HostTensor, Session } from "../../runtime/session.ts";
import { type NetworkNeeds, patchesThatFit } from "../../memory/window_memory.ts";
import { networkNeeds, paddedSize } from "./network_needs.ts";
import { divisionModel, windowModel, windowNames } from "./window_model.ts";
import { mirrorings } from "../../model/mirroring.ts";
import { tileOrigins, tileStarts } from "../tiles.ts";
import { type PassOptions, type PassSize, tileOf } from "./pass_graphs.ts";
import { insideTensors, passesOver, passTensors } from "./passes.ts";

/** A network's use of the device. */
export interface DeviceWindowOptions {
  readonly device: Device;
  readonly heads: number;
  /** (z, y, x), or (y, x) for a network that sees one slice at a time. */
  readonly tileSize: Shape;
  /** Step as a fraction of the tile; nnU-Net's 0.5 by default. */
  readonly stepSize?: number;
  /** Spatial axes of the tile to average over both directions of; none by default. */
  readonly mirrorAxes?: readonly number[];
  /** Weigh the middle of a tile more than its margin, true by default. */
  readonly gaussian?: boolean;
  /** Convolutions in float16; false by default. */
  readonly half?: boolean;
  readonly threads?: number;
  /** Most patches that go through the networks at once; as many as fit by default. */
  readonly patchesPerPass?: number;
  /** What the device holds, if it is known. */
  readonly limits?: DeviceLimits;
}

/** How a prediction is watched and ended. */
export interface DeviceWindowRun {
  /** Called after each run of some passes, with patches that all folds' networks have seen. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Checked between runs. */
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
}

/** Patches of one run: few where the sums stay on the device between runs, all of a case where not. */
const PATCHES_PER_RUN = { resident: 4, host: 256 } as const;

/** A model on the device for passes of one size. */
interface Loaded {
  readonly size: PassSize;
  readonly session: Session;
}

/** Networks on a device, ready for volumes of any size. */
export class DeviceWindow {
  readonly #models: readonly Uint8Array[];
  readonly #options: DeviceWindowOptions;
  readonly #needs: NetworkNeeds;
  /** Ways to mirror a patch, by axes of (z, y, x). */
  readonly #flips: readonly (readonly number[])[];
  #loaded: Loaded | undefined;
  #division: Session | undefined;

  private constructor(models: readonly Uint8Array[], options: DeviceWindowOptions) {
    const { tileSize, mirrorAxes = [] } = options;
    this.#models = models;
    this.#options = options;
    this.#needs = networkNeeds(models, passOptions(options));
    this.#flips = mirrorings(mirrorAxes.map((axis) => axis + 3 - tileSize.length));
  }

  /**
   * Loads networks.
   *
   * @param models One inference model of this project a fold; their logits are averaged.
   * @throws {DeviceMemoryError} If the device has too little memory for a volume of one tile.
   */
  static async open(
    models: readonly Uint8Array[],
    options: DeviceWindowOptions,
  ): Promise<DeviceWindow> {
    const window = new DeviceWindow(models, options);
    await window.#load(tileOf(options) as Zyx);
    return window;
  }

  /**
   * Logits of a volume: what `slidingWindow()` gives.
   *
   * @param volume (c, z, y, x)
   * @returns (heads, z, y, x)
   * @throws {DeviceMemoryError} If the device has too little memory for the volume.
   */
  async run(
    volume: NdArray<Float32Array<ArrayBuffer>>,
    { onProgress, signal }: DeviceWindowRun = {},
  ): Promise<NdArray<Float32Array<ArrayBuffer>>> {
    const { device, heads, tileSize, stepSize = 0.5 } = this.#options;
    const tile = tileOf({ tileSize }) as Zyx;
    const size = zyx(volume.shape.slice(1));
    const padded = paddedSize(size, tileSize);
    const before = zyx(padded.map((n, axis) => Math.floor((n - size[axis]) / 2)));
    const { session, size: passSize } = await this.#load(padded);
    const starts = tileSize.length === 2
      ? [
        Array.from({ length: size[0] }, (_, z) => z),
        ...tileStarts(padded.slice(1), tileSize, stepSize),
      ]
      : tileStarts(padded, tile, stepSize);
    const passes = passesOver(tileOrigins(starts).map(zyx), this.#flips, passSize);
    const image = float(padVolume(volume, padded, before));
    const inside = insideTensors(heads, size, before);
    const stays = keepsResults(device);
    // Where it can stay on the device it is not sent with every run.
    const uploaded = stays ? await upload(device, image) : undefined;
    // One zero a channel: the first pass's sum has the volume's extents, and is made on the device.
    let sum: HostTensor | DeviceTensor = float({
      shape: [heads + 1, 1, 1, 1],
      data: new Float32Array(heads + 1),
    });
    const dropSum = () => sum instanceof DeviceTensor && sum.dispose();
    const perRun = Math.max(
      1,
      PATCHES_PER_RUN[stays ? "resident" : "host"] / (passSize.tiles * passSize.views),
    );
    const total = starts.reduce((count, axis) => count * axis.length, 1) * this.#flips.length *
      this.#models.length;
    try {
      for (let first = 0; first < passes.length; first += perRun) {
        signal?.throwIfAborted();
        const isLast = first + perRun >= passes.length;
        const wanted = isLast && !stays ? windowNames.logits : windowNames.newSum;
        const results: Record<string, HostTensor | DeviceTensor> = await session.runResident(
          {
            [windowNames.volume]: uploaded?.tensor ?? image,
            [windowNames.sum]: sum,
            ...passTensors(passes.slice(first, first + perRun), tile, padded),
            ...stays ? {} : inside,
          },
          {},
          [wanted],
        );
        dropSum();
        sum = results[wanted];
        onProgress?.(Math.round(total * Math.min(1, (first + perRun) / passes.length)), total);
      }
      if (stays) {
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

  /** Frees the device's memory. */
  async close(): Promise<void> {
    await this.#loaded?.session.release();
    await this.#division?.release();
    this.#loaded = this.#division = undefined;
  }

  /** The model for as many patches at once as fit beside a volume. */
  async #load(volume: Zyx): Promise<Loaded> {
    const { device, threads, limits, patchesPerPass } = this.#options;
    const options = passOptions(this.#options);
    const patches = patchesThatFit(this.#needs, options, volume, limits, patchesPerPass);
    const views = Math.min(patches, this.#flips.length);
    const size = { views, tiles: patches / views };
    if (this.#loaded?.size.views === views && this.#loaded.size.tiles === size.tiles) {
      return this.#loaded;
    }
    await this.#loaded?.session.release();
    this.#loaded = undefined;
    const divides = !keepsResults(device);
    const session = await Session.create(windowModel(this.#models, size, { ...options, divides }), {
      device,
      threads,
      resident: [windowNames.newSum],
    });
    return this.#loaded = { size, session };
  }
}

function passOptions(options: DeviceWindowOptions): PassOptions {
  return { ...options, gaussian: options.gaussian ?? true };
}

/** Zeros around a volume that is smaller than the tile. */
function padVolume(
  volume: NdArray<Float32Array<ArrayBuffer>>,
  padded: Zyx,
  [z0, y0, x0]: Zyx,
): NdArray<Float32Array<ArrayBuffer>> {
  const [channels, depth, height, width] = volume.shape;
  if (depth * height * width === sizeOf(padded)) return volume;
  const data = new Float32Array(channels * sizeOf(padded));
  for (let c = 0, inside = 0; c < channels; c++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++, inside += width) {
        const outside = ((c * padded[0] + z + z0) * padded[1] + y + y0) * padded[2] + x0;
        data.set(volume.data.subarray(inside, inside + width), outside);
      }
    }
  }
  return { shape: [channels, ...padded], data };
}

function float({ shape, data }: NdArray<Float32Array<ArrayBuffer>>): HostTensor {
  return { type: "float32", shape, data };
}
