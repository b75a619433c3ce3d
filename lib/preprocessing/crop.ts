/** Crops scans to their nonzero region. */

import { type Bounds, extentsOf } from "../array/box.ts";
import type { AnyLabels, SignedLabels } from "../array/labels.ts";
import { freeArray } from "../array/reused_arrays.ts";
import { type NdArray, sameShape, sizeOf, zyx } from "../array/nd_array.ts";
import { findOutside } from "./find_outside.ts";

/** A scan cropped to its nonzero region. */
export interface CroppedCase {
  /** Intensities, (c, z, y, x). */
  readonly data: NdArray<Float32Array<ArrayBuffer>>;
  /** Labels, (z, y, x); −1 for background outside the object. int16 if a label is above 127. */
  readonly segmentation: NdArray<SignedLabels>;
  /** The region kept, in voxels of the input. */
  readonly box: Bounds;
}

/** Label of background voxels outside the scanned object. */
const OUTSIDE_LABEL = -1;

/**
 * Crops to the bounding box of voxels where any channel differs from 0.
 *
 * Outside the (hole-filled) nonzero mask, foreground labels stay and label 0 becomes −1. Without a
 * segmentation, everything outside the mask is −1 and the rest 0. A scan of zeros only is not
 * cropped.
 *
 * @param data Intensities, (c, z, y, x). The result overwrites them, which avoids copying a whole
 * scan.
 * @param segmentation Labels, (z, y, x). Byte labels below 128 are overwritten, too.
 * @throws {TypeError} If the image is not four-dimensional or the shapes differ.
 * @throws {RangeError} If a label is above 32767.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/cropping/cropping.py
 */
export function cropToNonzero(
  data: NdArray<Float32Array<ArrayBuffer>>,
  segmentation?: NdArray<AnyLabels>,
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
  const outside = findOutside(data);
  const box = outside
    ? boundingBox(outside, shape)
    : zyx(shape.map((extent) => [0, extent] as const));
  const croppedShape = extentsOf(box);
  const labels = cropLabels(outside, segmentation?.data, shape, box);
  if (outside) freeArray(outside);
  return {
    data: { shape: [channels, ...croppedShape], data: cropInPlace(data, box) },
    segmentation: { shape: croppedShape, data: labels },
    box,
  };
}

/** Moves the box's voxels to the front, row by row; rows only move forward, so none is lost. */
function cropInPlace({ shape, data }: NdArray<Float32Array<ArrayBuffer>>, box: Bounds) {
  const [channels, ...spatial] = shape;
  const size = sizeOf(spatial);
  if (size === sizeOf(extentsOf(box))) return data;
  let target = 0;
  for (let channel = 0; channel < channels; channel++) {
    forEachRow(spatial, box, (begin, end) => {
      data.copyWithin(target, channel * size + begin, channel * size + end);
      target += end - begin;
    });
  }
  return data.subarray(0, target);
}

/** The box's labels, with background outside the object set to −1. */
function cropLabels(
  outside: Uint8Array | undefined,
  labels: AnyLabels | undefined,
  shape: readonly number[],
  box: Bounds,
) {
  const size = sizeOf(extentsOf(box));
  const whole = labels && signed(labels);
  const cropped = whole ?? new Int8Array(size);
  if (!outside) return cropped;
  let target = 0;
  /** Index of the next outside voxel. Most rows are entirely inside the object and are skipped. */
  let next = -1;
  forEachRow(shape, box, (begin, end) => {
    whole?.copyWithin(target, begin, end);
    if (next < begin) next = indexOrEnd(outside, 1, begin);
    const shift = target - begin;
    for (let i = next; i < end; i++) {
      if (outside[i] === 1 && cropped[i + shift] === 0) cropped[i + shift] = OUTSIDE_LABEL;
    }
    target += end - begin;
  });
  return cropped.subarray(0, size);
}

/** Labels as signed integers, so that −1 fits; a view of the same memory for bytes below 128. */
function signed(labels: AnyLabels): SignedLabels {
  const highest = highestOf(labels);
  if (highest > 32767) {
    throw new RangeError(`Cannot crop: segmentation has label ${highest}, expected ≤ 32767`);
  }
  if (highest > 127) return new Int16Array(labels);
  if (labels.BYTES_PER_ELEMENT > 1) return new Int8Array(labels);
  return new Int8Array(labels.buffer as ArrayBuffer, labels.byteOffset, labels.length);
}

/** The highest label, or 127 for bytes that are all below 128, which are checked four at a time. */
function highestOf(labels: AnyLabels): number {
  if (labels instanceof Uint8Array && labels.byteOffset % 4 === 0 && labels.length % 4 === 0) {
    const words = new Int32Array(labels.buffer, labels.byteOffset, labels.length / 4);
    let bits = 0;
    for (let i = 0; i < words.length; i++) bits |= words[i];
    if ((bits & 0x80808080) === 0) return 127;
  }
  let highest = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] > highest) highest = labels[i];
  return highest;
}

/** Index of the first `value` at or after `from`; the length if there is none. */
function indexOrEnd(values: Uint8Array, value: number, from: number): number {
  const index = values.indexOf(value, from);
  return index < 0 ? values.length : index;
}

/** Calls `visit` for each row of a box with the indices of its first voxel and past its last. */
function forEachRow(
  shape: readonly number[],
  [z, y, x]: Bounds,
  visit: (begin: number, end: number) => void,
) {
  for (let slice = z[0]; slice < z[1]; slice++) {
    for (let row = y[0]; row < y[1]; row++) {
      const start = (slice * shape[1] + row) * shape[2];
      visit(start + x[0], start + x[1]);
    }
  }
}

/** Bounding box of the object; the whole volume if there is none. */
function boundingBox(outside: Uint8Array, [depth, height, width]: readonly number[]): Bounds {
  const first = [depth, height, width];
  const last = [-1, -1, -1];
  /** Index of the next inside voxel. Many rows are entirely outside the object and are skipped. */
  let next = -1;
  for (let row = 0; row < depth * height; row++) {
    const [begin, end] = [row * width, (row + 1) * width];
    if (next < begin) next = indexOrEnd(outside, 0, begin);
    if (next >= end) continue;
    const position = [Math.floor(row / height), row % height];
    for (const axis of [0, 1]) {
      first[axis] = Math.min(first[axis], position[axis]);
      last[axis] = Math.max(last[axis], position[axis]);
    }
    first[2] = Math.min(first[2], next - begin);
    // Only voxels beyond the current box can enlarge it.
    let x = width - 1;
    while (x > last[2] && outside[begin + x] !== 0) x--;
    last[2] = Math.max(last[2], x);
  }
  if (last[0] < 0) return [[0, depth], [0, height], [0, width]];
  return zyx(first.map((begin, axis) => [begin, last[axis] + 1] as const));
}
