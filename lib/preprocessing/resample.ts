/** Resamples images onto another voxel grid as nnU-Net does, with ONNX Runtime. */

import { freeArray, takeArray } from "../array/reused_arrays.ts";
import { type NdArray, sameShape, type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import {
  type BandMatrix,
  bandOf,
  nearestIndex,
  resizedCoordinate,
} from "../array/resize_matrix.ts";
import { type Resampling, splineResampling } from "../files/resampling.ts";
import { encodeModel } from "../graph/encode.ts";
import { lowerFor } from "../lowering/for_device.ts";
import type { Device } from "../runtime/device.ts";
import { type HostTensor, Session } from "../runtime/session.ts";
import { axisMatrix, type AxisMethods, axisMethods } from "./axis_methods.ts";
import { resizeGraph } from "./resize_graph.ts";
import { blendedSlabs, pickedSlabs, type Slabs } from "./slabs.ts";
import { valueRange } from "./value_range.ts";

type Volume = NdArray<Float32Array<ArrayBuffer>>;

/** Resources that resampling uses. */
export interface ResampleOptions {
  /** Number of threads; by default one per core. */
  readonly threads?: number;
  /** Device that computes; by default the CPU. */
  readonly device?: Device;
  /** The method; by default nnU-Net's cubic splines. */
  readonly resampling?: Resampling;
}

/**
 * Resamples an image, with cubic splines by default.
 *
 * Splines are clipped to the original range. If one axis is coarse (see `separateAxis()`), its
 * slices are resized one by one, each clipped to its own range, and by default the nearest slice is
 * taken along that axis.
 *
 * Works on a few planes at a time, so that it needs only some megabytes beyond image and result.
 *
 * @param data Intensities, (c, z, y, x).
 * @param shape New shape, (z, y, x).
 * @param spacing Spacing of `data`, (z, y, x), in mm.
 * @param newSpacing Spacing of the result, (z, y, x), in mm.
 * @param options The method, and the resources.
 * @returns A new array, or `data` itself if it already has the shape.
 * @throws {RangeError} If the method keeps every grid, and the shapes differ.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/resampling
 */
export async function resampleImage(
  data: Volume,
  shape: Shape,
  spacing: readonly number[],
  newSpacing: readonly number[],
  { resampling = splineResampling.data, ...resources }: ResampleOptions = {},
): Promise<Volume> {
  const [, ...from] = data.shape;
  if (sameShape(from, shape)) return data;
  const methods = axisMethods(resampling, { from, to: shape, spacing, newSpacing });
  const { separate } = methods;
  const clips = resampling.kind === "spline";
  const blendsSlices = clips && separate !== undefined && resampling.orderAcross > 0;
  if (!blendsSlices) return await resize(data, shape, methods, clips, resources);
  // Each slice is clipped before it is blended with others.
  const slices = shape.with(separate, from[separate]);
  const resized = await resize(data, slices, methods, true, resources);
  const result = await resize(resized, shape, methods, false, resources);
  if (resized !== data && resized !== result) freeArray(resized.data);
  return result;
}

/** Resizes every axis, and clips values to the range of the volume or of its separate slices. */
async function resize(
  data: Volume,
  shape: Shape,
  methods: AxisMethods,
  clips: boolean,
  { threads, device = "cpu" }: ResampleOptions,
): Promise<Volume> {
  const [channels, ...from] = data.shape;
  if (sameShape(from, shape)) return data;
  const resizing = resizingBetween(from, shape, methods, clips);
  const oldSize = sizeOf(from);
  const size = sizeOf(shape);
  const result = takeArray(Float32Array<ArrayBuffer>, channels * size);
  const session = await Session.create(encodeModel(lowerFor(device, resizeGraph(resizing))), {
    threads,
    device,
  });
  try {
    for (let channel = 0; channel < channels; channel++) {
      const volume = data.data.subarray(channel * oldSize, (channel + 1) * oldSize);
      await resizeVolume(
        session,
        resizing,
        volume,
        result.subarray(channel * size, (channel + 1) * size),
      );
    }
  } finally {
    await session.release();
  }
  return { shape: [channels, ...shape], data: result };
}

/** How volumes of one shape are resized to another. */
interface Resizing {
  readonly from: Shape;
  readonly to: Shape;
  readonly separate?: number;
  readonly slabs: Slabs;
  /** Shape of a slab before resizing. */
  readonly shape: Zyx;
  /** Shape of a slab after resizing. */
  readonly resizedShape: Zyx;
  readonly planes?: number;
  readonly y?: BandMatrix;
  readonly x?: BandMatrix;
  readonly limits?: Zyx | "planes";
}

/**
 * Approximate number of voxels in a slab: few enough that the result of one product stays in the
 * cache for the next, which is twice as fast as whole volumes.
 */
const SLAB_VOXELS = 2 ** 19;
/** Minimum planes in a slab whose planes are blended: products of fewer rows are slow. */
const LEAST_BLENDED_PLANES = 8;

function resizingBetween(
  from: Shape,
  to: Shape,
  { axes, separate }: AxisMethods,
  clips: boolean,
): Resizing {
  const matrixOf = (axis: number) =>
    from[axis] === to[axis] ? undefined : bandOf(axisMatrix(axes[axis], from[axis], to[axis]));
  const picks = axes[0].kind === "spline" && axes[0].order === 0;
  const z = picks ? undefined : matrixOf(0);
  const planeVoxels = Math.max(from[1] * from[2], to[1] * to[2]);
  const thickness = Math.max(z ? LEAST_BLENDED_PLANES : 1, Math.round(SLAB_VOXELS / planeVoxels));
  const slabs = z ? blendedSlabs(z, thickness) : pickedSlabs(from[0], to[0], thickness);
  const resizedShape: Zyx = [slabs.computed, to[1], to[2]];
  const limitsAlong = (axis: number) => axis === separate ? resizedShape[axis] : 1;
  const limits: Zyx | "planes" = separate === 0 ? "planes" : [1, limitsAlong(1), limitsAlong(2)];
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
    limits: clips ? limits : undefined,
  };
}

async function resizeVolume(
  session: Session,
  resizing: Resizing,
  volume: Float32Array<ArrayBuffer>,
  result: Float32Array<ArrayBuffer>,
) {
  const { slabs, shape, resizedShape } = resizing;
  const limits = limitsOf(resizing, volume);
  const oldPlane = resizing.from[1] * resizing.from[2];
  const plane = resizedShape[1] * resizedShape[2];
  let buffer: Float32Array<ArrayBuffer> | undefined;
  for (const { first, weights, targets } of slabs.slabs) {
    const feeds: Record<string, HostTensor> = {
      slab: tensor(shape, volume.subarray(first * oldPlane, (first + slabs.read) * oldPlane)),
      ...limits,
    };
    if (weights) feeds.z = tensor([slabs.computed, slabs.read], weights);
    const begin = targets[0][0];
    if (targets.every(([target, ...more], i) => target === begin + i && more.length === 0)) {
      // Planes that are adjacent in the result are computed in place.
      const target = result.subarray(begin * plane, (begin + slabs.computed) * plane);
      await session.run(feeds, { resized: tensor(resizedShape, target) });
      continue;
    }
    buffer ??= new Float32Array(sizeOf(resizedShape));
    await session.run(feeds, { resized: tensor(resizedShape, buffer) });
    targets.forEach((planes, i) => {
      const values = buffer!.subarray(i * plane, (i + 1) * plane);
      for (const target of planes) result.set(values, target * plane);
    });
  }
}

/** Inputs that clip values to the original range of the volume, or of each of its slices. */
function limitsOf(
  { from, to, separate, limits }: Resizing,
  volume: Float32Array<ArrayBuffer>,
): Record<string, HostTensor> {
  if (limits === undefined || limits === "planes") return {};
  const { low, high } = valueRange({ shape: from, data: volume }, separate);
  const limit = (values: Float32Array<ArrayBuffer>) => {
    if (separate === undefined) return tensor(limits, values);
    // The graph picks slices before clipping, so limits are in the order of the new slices.
    const picked = Float32Array.from(
      { length: to[separate] },
      (_, i) =>
        values[nearestIndex(resizedCoordinate(i, from[separate], to[separate]), from[separate])],
    );
    return tensor(limits, picked);
  };
  return { low: limit(low), high: limit(high) };
}

function tensor<T extends Float32Array<ArrayBuffer>>(shape: Shape, data: T): HostTensor<T> {
  return { type: "float32", shape, data };
}
