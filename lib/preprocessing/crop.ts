/** Cutting away the empty border of a scan. */

import { type NdArray, sameShape, sizeOf } from "../array/nd_array.ts";
import { outsideMask } from "./outside_mask.ts";

/** First voxel kept and the one after the last, per axis. */
export type Box = readonly (readonly [begin: number, end: number])[];

/** A scan without its empty border. */
export interface CroppedCase {
  /** Intensities, (c, z, y, x). */
  readonly data: NdArray<Float32Array<ArrayBuffer>>;
  /** Labels, (z, y, x); −1 for background outside the scanned object. Wide if a label is > 127. */
  readonly segmentation: NdArray<Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer>>;
  /** What was kept, in voxels of the input. */
  readonly box: Box;
}

/** Written where a voxel is background and outside the scanned object. */
export const OUTSIDE_LABEL = -1;

/**
 * Crops to the bounding box of voxels where any channel differs from 0.
 *
 * Labelled voxels outside the (hole-filled) nonzero mask keep their label; those labelled 0 become
 * −1, as does everything outside the mask where no segmentation is given. A scan of zeros only is
 * kept whole.
 *
 * @param data Intensities, (c, z, y, x). Their memory is used again: afterwards it holds the result,
 * which spares copying all of a scan.
 * @param segmentation Labels, (z, y, x).
 * @throws {TypeError} If the shapes differ.
 * @throws {RangeError} If a label is above 32767.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/cropping/cropping.py
 */
export function cropToNonzero(
  data: NdArray<Float32Array<ArrayBuffer>>,
  segmentation?: NdArray<Uint8Array | Uint16Array | Int8Array | Int16Array>,
): CroppedCase {
  const [channels, ...shape] = data.shape;
  if (shape.length !== 3) {
    throw new TypeError(`Cannot crop: image has shape [${data.shape}], expected (c, z, y, x)`);
  }
  if (segmentation && !sameShape(segmentation.shape, shape)) {
    throw new TypeError(
      `Cannot crop: segmentation has shape [${segmentation.shape}], expected the image's [${shape}]`,
    );
  }
  const outside = outsideMask(data);
  const box = boundingBox(outside, shape);
  const croppedShape = box.map(([begin, end]) => end - begin);
  return {
    data: { shape: [channels, ...croppedShape], data: cropInPlace(data, box) },
    segmentation: {
      shape: croppedShape,
      data: cropLabels(outside, segmentation?.data, shape, box),
    },
    box,
  };
}

/** Moves the box's voxels to the beginning, row by row; none moves back, so none is overwritten. */
function cropInPlace({ shape, data }: NdArray<Float32Array<ArrayBuffer>>, box: Box) {
  const [channels, ...spatial] = shape;
  const size = sizeOf(spatial);
  if (size === sizeOf(box.map(([begin, end]) => end - begin))) return data;
  let target = 0;
  for (let channel = 0; channel < channels; channel++) {
    forEachRow(spatial, box, (begin, end) => {
      data.copyWithin(target, channel * size + begin, channel * size + end);
      target += end - begin;
    });
  }
  return data.subarray(0, target);
}

/** The box's labels; −1 outside the object where there is none. */
function cropLabels(
  outside: Uint8Array,
  labels: Uint8Array | Uint16Array | Int8Array | Int16Array | undefined,
  shape: readonly number[],
  box: Box,
) {
  const size = sizeOf(box.map(([begin, end]) => end - begin));
  const highest = labels ? highestOf(labels) : 0;
  if (highest > 32767) {
    throw new RangeError(`Cannot crop: segmentation has label ${highest}, expected ≤ 32767`);
  }
  const cropped = highest > 127 ? new Int16Array(size) : new Int8Array(size);
  let target = 0;
  forEachRow(shape, box, (begin, end) => {
    if (labels) cropped.set(labels.subarray(begin, end), target);
    // Many rows lie inside the object whole: nothing to do there.
    const first = outside.subarray(begin, end).indexOf(1);
    if (first >= 0) {
      const shift = target - begin;
      for (let i = begin + first; i < end; i++) {
        if (outside[i] === 1 && cropped[i + shift] === 0) cropped[i + shift] = OUTSIDE_LABEL;
      }
    }
    target += end - begin;
  });
  return cropped;
}

function highestOf(labels: ArrayLike<number>): number {
  let highest = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] > highest) highest = labels[i];
  return highest;
}

/** Calls `visit` for each row of a box with the voxels where it begins and ends. */
function forEachRow(
  shape: readonly number[],
  [z, y, x]: Box,
  visit: (begin: number, end: number) => void,
) {
  for (let slice = z[0]; slice < z[1]; slice++) {
    for (let row = y[0]; row < y[1]; row++) {
      const start = (slice * shape[1] + row) * shape[2];
      visit(start + x[0], start + x[1]);
    }
  }
}

/** Smallest box around the object; the whole volume if there is none. */
function boundingBox(outside: Uint8Array, [depth, height, width]: readonly number[]): Box {
  const first = [depth, height, width];
  const last = [-1, -1, -1];
  for (let row = 0; row < depth * height; row++) {
    const voxels = outside.subarray(row * width, (row + 1) * width);
    const begin = voxels.indexOf(0);
    if (begin < 0) continue;
    const end = voxels.lastIndexOf(0);
    const position = [Math.floor(row / height), row % height];
    for (const axis of [0, 1]) {
      first[axis] = Math.min(first[axis], position[axis]);
      last[axis] = Math.max(last[axis], position[axis]);
    }
    first[2] = Math.min(first[2], begin);
    last[2] = Math.max(last[2], end);
  }
  if (last[0] < 0) return [[0, depth], [0, height], [0, width]];
  return first.map((begin, axis) => [begin, last[axis] + 1] as const);
}
