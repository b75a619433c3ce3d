/**
 * Prediction of a whole volume on a device: weights, volume and sums stay there, and the logits come
 * back once.
 */

import { type NdArray, type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import { type Device, keepsResults } from "../runtime/device.ts";
import { download, upload } from "../runtime/download.ts";
import { DeviceTensor, type HostTensor, Session } from "../runtime/session.ts";
import { windowModel, windowNames } from "./device_window_model.ts";
import { mirrorings } from "./mirroring.ts";
import { tileOrigins, tileStarts } from "./tiles.ts";

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
}

/** How a prediction is watched and ended. */
export interface DeviceWindowRun {
  /** Called after each run of some passes, of all folds together. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Checked between runs. */
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
}

/** Passes of one run: few where the sums stay on the device between runs, all of a case where not. */
const PASSES = { resident: 4, host: 256 } as const;

/** Networks on a device, ready for volumes of any size. */
export class DeviceWindow {
  readonly #sessions: readonly Session[];
  readonly #options: DeviceWindowOptions;

  private constructor(sessions: readonly Session[], options: DeviceWindowOptions) {
    this.#sessions = sessions;
    this.#options = options;
  }

  /**
   * Loads networks.
   *
   * @param models One inference model of this project a fold; their logits are averaged.
   * @throws {DeviceMemoryError} If the device has too little memory.
   */
  static async open(
    models: readonly Uint8Array[],
    options: DeviceWindowOptions,
  ): Promise<DeviceWindow> {
    const { device, threads, gaussian = true } = options;
    const sessions = await Promise.all(
      models.map((model) =>
        Session.create(windowModel(model, { ...options, gaussian }), {
          device,
          threads,
          resident: [windowNames.newSum],
        })
      ),
    );
    return new DeviceWindow(sessions, options);
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
    const { device, heads, tileSize, stepSize = 0.5, mirrorAxes = [] } = this.#options;
    const slicewise = tileSize.length === 2;
    const tile = (slicewise ? [1, ...tileSize] : tileSize) as unknown as Zyx;
    const size = volume.shape.slice(1) as unknown as Zyx;
    const missing = size.map((n, axis) => Math.max(0, tile[axis] - n));
    const before = missing.map((n) => Math.floor(n / 2)) as unknown as Zyx;
    const padded = size.map((n, axis) => n + missing[axis]) as unknown as Zyx;
    const passes = tileOrigins(
      slicewise
        ? [
          Array.from({ length: size[0] }, (_, z) => z),
          ...tileStarts(padded.slice(1), tileSize, stepSize),
        ]
        : tileStarts(padded, tile, stepSize),
    ).flatMap((origin) =>
      mirrorings(slicewise ? mirrorAxes.map((axis) => axis + 1) : mirrorAxes).map((flip) => ({
        origin: origin as unknown as Zyx,
        flip,
      }))
    );
    const image = float(padVolume(volume, padded, before));
    // Where it can stay on the device it is not sent with every run.
    const uploaded = keepsResults(device) ? await upload(device, image) : undefined;
    let sum: HostTensor | DeviceTensor = float({
      shape: [heads + 1, ...padded],
      data: new Float32Array((heads + 1) * sizeOf(padded)),
    });
    const perRun = keepsResults(device) ? PASSES.resident : PASSES.host;
    let done = 0;
    for (const session of this.#sessions) {
      for (let first = 0; first < passes.length; first += perRun) {
        signal?.throwIfAborted();
        const some = passes.slice(first, first + perRun);
        const results: Record<string, HostTensor | DeviceTensor> = await session.runResident({
          [windowNames.volume]: uploaded?.tensor ?? image,
          [windowNames.sum]: sum,
          ...passTensors(some, tile, padded),
        });
        if (sum instanceof DeviceTensor) sum.dispose();
        sum = results[windowNames.newSum];
        done += some.length;
        onProgress?.(done, passes.length * this.#sessions.length);
      }
    }
    await uploaded?.release();
    const total = sum instanceof DeviceTensor ? await download(device, sum) : sum;
    if (sum instanceof DeviceTensor) sum.dispose();
    return divided(total.data as Float32Array, heads, size, padded, before);
  }

  /** Frees the device's memory. */
  async close(): Promise<void> {
    for (const session of this.#sessions) await session.release();
  }
}

/** One look of a network at one tile. */
interface Pass {
  readonly origin: Zyx;
  /** Axes of (z, y, x) that are mirrored. */
  readonly flip: readonly number[];
}

/** The places of passes as the model wants them. */
function passTensors(passes: readonly Pass[], tile: Zyx, volume: Zyx): Record<string, HostTensor> {
  const tensors: Record<string, HostTensor> = {
    [windowNames.passes]: {
      type: "int64",
      shape: [],
      data: BigInt64Array.of(BigInt(passes.length)),
    },
    [windowNames.around]: {
      type: "int64",
      shape: [passes.length, 8],
      data: BigInt64Array.from(
        passes.flatMap(({ origin }) => [
          0,
          ...origin,
          0,
          ...origin.map((start, axis) => volume[axis] - tile[axis] - start),
        ]),
        BigInt,
      ),
    },
  };
  tile.forEach((extent, axis) => {
    const order = ({ flip }: Pass) =>
      Array.from({ length: extent }, (_, i) => flip.includes(axis) ? extent - 1 - i : i);
    const list = (name: string, places: (pass: Pass) => number[]) => {
      const data = Int32Array.from(passes.flatMap(places));
      tensors[name] = { type: "int32", shape: [passes.length, extent], data };
    };
    list(windowNames.from[axis], (pass) => order(pass).map((i) => pass.origin[axis] + i));
    list(windowNames.back[axis], order);
  });
  return tensors;
}

/** Zeros around a volume that is smaller than the tile. */
function padVolume(
  volume: NdArray<Float32Array<ArrayBuffer>>,
  padded: Zyx,
  before: Zyx,
): NdArray<Float32Array<ArrayBuffer>> {
  const [channels, ...size] = volume.shape;
  if (sizeOf(size) === sizeOf(padded)) return volume;
  const data = new Float32Array(channels * sizeOf(padded));
  forEachRow(channels, size as unknown as Zyx, padded, before, (inside, outside, length) => {
    data.set(volume.data.subarray(inside, inside + length), outside);
  });
  return { shape: [channels, ...padded], data };
}

/** Weighted sums over their weights, without the zeros around. */
function divided(
  sum: Float32Array,
  heads: number,
  size: Zyx,
  padded: Zyx,
  before: Zyx,
): NdArray<Float32Array<ArrayBuffer>> {
  const logits = new Float32Array(heads * sizeOf(size));
  const voxels = sizeOf(padded);
  forEachRow(heads, size, padded, before, (inside, outside, length) => {
    const weight = heads * voxels + outside % voxels;
    for (let i = 0; i < length; i++) logits[inside + i] = sum[outside + i] / sum[weight + i];
  });
  return { shape: [heads, ...size], data: logits };
}

/** Visits the rows of a volume that lies in a larger one, channel by channel. */
function forEachRow(
  channels: number,
  [depth, height, width]: Zyx,
  outer: Zyx,
  [z0, y0, x0]: Zyx,
  visit: (inside: number, outside: number, length: number) => void,
) {
  for (let c = 0; c < channels; c++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const inside = ((c * depth + z) * height + y) * width;
        const outside = ((c * outer[0] + z + z0) * outer[1] + y + y0) * outer[2] + x0;
        visit(inside, outside, width);
      }
    }
  }
}

function float({ shape, data }: NdArray<Float32Array<ArrayBuffer>>): HostTensor {
  return { type: "float32", shape, data };
}
