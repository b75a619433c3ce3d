/** Bringing images onto another voxel grid, as nnU-Net does, on ONNX Runtime. */

import { takeArray } from "../array/reused_arrays.ts";
import { type NdArray, sameShape, type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import {
  type BandMatrix,
  bandOf,
  nearestIndex,
  resizedCoordinate,
  resizeMatrix,
} from "../array/resize_matrix.ts";
import { encodeModel } from "../graph/encode.ts";
import { lowerFor } from "../lowering/for_device.ts";
import type { Device } from "../runtime/device.ts";
import { type HostTensor, Session } from "../runtime/session.ts";
import { separateAxis } from "./resampling_rules.ts";
import { resizeGraph } from "./resize_graph.ts";
import { blendedSlabs, pickedSlabs, type Slabs } from "./slabs.ts";
import { valueRange } from "./value_range.ts";

type Volume = NdArray<Float32Array<ArrayBuffer>>;

/** How the computer is used. */
export interface ResampleOptions {
  /** Threads; all cores if left out. */
  readonly threads?: number;
  /** The CPU if left out. */
  readonly device?: Device;
}

/**
 * Resamples an image with cubic splines.
 *
 * Values are clipped to the range they came from. Where one axis is coarse (see
 * {@link separateAxis}), its slices are resized one by one, each clipped to its own range, and then
 * picked by nearest neighbour.
 *
 * Works on a few planes at a time: beyond the image and the result it needs some megabytes.
 *
 * @param data Intensities, (c, z, y, x).
 * @param shape New shape, (z, y, x).
 * @param spacing Before, (z, y, x), mm.
 * @param newSpacing After, (z, y, x), mm.
 * @returns New array, or `data` itself if it already has the shape.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/resampling/default_resampling.py
 */
export async function resampleImage(
  data: Volume,
  shape: Shape,
  spacing: readonly number[],
  newSpacing: readonly number[],
  { threads, device = "cpu" }: ResampleOptions = {},
): Promise<Volume> {
  const [channels, ...from] = data.shape;
  if (sameShape(from, shape)) return data;
  const way = wayBetween(from, shape, separateAxis(spacing, newSpacing));
  const oldSize = sizeOf(from);
  const size = sizeOf(shape);
  const result = takeArray(Float32Array<ArrayBuffer>, channels * size);
  const session = await Session.create(encodeModel(lowerFor(device, resizeGraph(way))), {
    threads,
    device,
  });
  try {
    for (let channel = 0; channel < channels; channel++) {
      const volume = data.data.subarray(channel * oldSize, (channel + 1) * oldSize);
      await resizeVolume(
        session,
        way,
        volume,
        result.subarray(channel * size, (channel + 1) * size),
      );
    }
  } finally {
    await session.release();
  }
  return { shape: [channels, ...shape], data: result };
}

/** How volumes of one shape become volumes of another. */
interface Way {
  readonly from: Shape;
  readonly to: Shape;
  readonly separate?: number;
  readonly slabs: Slabs;
  /** Of a slab, before and after. */
  readonly shape: Zyx;
  readonly resizedShape: Zyx;
  readonly planes?: number;
  readonly y?: BandMatrix;
  readonly x?: BandMatrix;
  /** Absent where slices stay apart as the slab's planes: each is limited to its own range. */
  readonly limitShape?: Zyx;
}

/**
 * Voxels of a slab, about: few enough that what lies between two products stays in the cache, which
 * is twice as fast as whole volumes.
 */
const SLAB_VOXELS = 2 ** 19;
/** Planes of a slab at least where they are blended: products of fewer rows are slow. */
const LEAST_BLENDED_PLANES = 8;

function wayBetween(from: Shape, to: Shape, separate: number | undefined): Way {
  const matrixOf = (axis: number) =>
    from[axis] === to[axis]
      ? undefined
      : bandOf(resizeMatrix(from[axis], to[axis], axis === separate ? 0 : 3));
  const z = separate === 0 ? undefined : matrixOf(0);
  const planeVoxels = Math.max(from[1] * from[2], to[1] * to[2]);
  const thickness = Math.max(z ? LEAST_BLENDED_PLANES : 1, Math.round(SLAB_VOXELS / planeVoxels));
  const slabs = z ? blendedSlabs(z, thickness) : pickedSlabs(from[0], to[0], thickness);
  const resizedShape: Zyx = [slabs.computed, to[1], to[2]];
  const limitsAlong = (axis: number) => axis === separate ? resizedShape[axis] : 1;
  const limitShape: Zyx = [1, limitsAlong(1), limitsAlong(2)];
  return {
    from,
    to,
    separate,
    slabs,
    shape: [slabs.read, from[1], from[2]],
    resizedShape,
    planes: z && slabs.computed,
    y: matrixOf(1),
    x: matrixOf(2),
    limitShape: separate === 0 ? undefined : limitShape,
  };
}

async function resizeVolume(
  session: Session,
  way: Way,
  volume: Float32Array<ArrayBuffer>,
  result: Float32Array<ArrayBuffer>,
) {
  const { slabs, shape, resizedShape } = way;
  const limits = limitsOf(way, volume);
  const oldPlane = way.from[1] * way.from[2];
  const plane = resizedShape[1] * resizedShape[2];
  let buffer: Float32Array<ArrayBuffer> | undefined;
  for (const { first, weights, places } of slabs.slabs) {
    const feeds: Record<string, HostTensor> = {
      slab: tensor(shape, volume.subarray(first * oldPlane, (first + slabs.read) * oldPlane)),
      ...limits,
    };
    if (weights) feeds.z = tensor([slabs.computed, slabs.read], weights);
    const begin = places[0][0];
    if (places.every(([place, ...more], i) => place === begin + i && more.length === 0)) {
      // Planes that lie together in the result are computed where they belong.
      const target = result.subarray(begin * plane, (begin + slabs.computed) * plane);
      await session.run(feeds, { resized: tensor(resizedShape, target) });
      continue;
    }
    buffer ??= new Float32Array(sizeOf(resizedShape));
    await session.run(feeds, { resized: tensor(resizedShape, buffer) });
    places.forEach((targets, i) => {
      const values = buffer!.subarray(i * plane, (i + 1) * plane);
      for (const target of targets) result.set(values, target * plane);
    });
  }
}

/** Inputs that limit values to the range they came from: of the volume, or of each of its slices. */
function limitsOf(
  { from, to, separate, limitShape }: Way,
  volume: Float32Array<ArrayBuffer>,
): Record<string, HostTensor> {
  if (!limitShape) return {};
  const { low, high } = valueRange({ shape: from, data: volume }, separate);
  const limit = (values: Float32Array<ArrayBuffer>) => {
    if (separate === undefined) return tensor(limitShape, values);
    // Slices are picked within the graph, so their limits come by their new number.
    const picked = Float32Array.from(
      { length: to[separate] },
      (_, i) =>
        values[nearestIndex(resizedCoordinate(i, from[separate], to[separate]), from[separate])],
    );
    return tensor(limitShape, picked);
  };
  return { low: limit(low), high: limit(high) };
}

function tensor<T extends Float32Array<ArrayBuffer>>(shape: Shape, data: T): HostTensor<T> {
  return { type: "float32", shape, data };
}
