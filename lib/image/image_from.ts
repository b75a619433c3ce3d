/** Makes scans and label maps from arrays. */

import type { TypedArray, Zyx } from "../array/nd_array.ts";
import { columnLength, missingAxisSpacing } from "./geometry.ts";
import type { Geometry, Image, Segmentation } from "./image.ts";
import { isInvertible } from "./nifti/nifti_affine.ts";
import { requireAgreement, requireImage, requireSegmentation } from "./require_image.ts";
import { describeValue } from "../options/require_value.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** The voxel grid of an array. */
export interface GridOptions {
  /** Voxels per axis, (z, y, x), or (y, x) for a picture. */
  readonly shape: readonly number[];
  /** Millimetres between voxel centres, in the order of `shape`; optional with an affine. */
  readonly spacing?: readonly number[];
  /**
   * World position of the first voxel's centre, (x, y, z) in RAS millimetres; by default 0, 0, 0.
   */
  readonly origin?: readonly number[];
  /**
   * Row-major 3×3 matrix whose columns are the unit vectors of the voxel axes x, y, z in RAS. By
   * default x points to the patient's left, y to the back and z up, as in files without
   * orientation.
   */
  readonly direction?: readonly number[];
  /**
   * Row-major 4×4 matrix from voxel indices (x, y, z, 1) to RAS millimetres, instead of origin and
   * direction.
   */
  readonly affine?: readonly number[];
}

/** Options of {@link imageFrom}. */
export interface ImageFromOptions extends GridOptions {
  /** Number of channels, stored in the array one after the other; by default 1. */
  readonly channels?: number;
}

const gridOptions: KnownOptions<GridOptions> = {
  shape: true,
  spacing: true,
  origin: true,
  direction: true,
  affine: true,
};

/** Left, back and up: the voxel axes of files without orientation. */
const DEFAULT_DIRECTION = [-1, 0, 0, 0, -1, 0, 0, 0, 1];

/**
 * Makes a scan from an array, for instance to predict it or to write it to a file.
 *
 * @param data Values, (z, y, x) or (c, z, y, x) in C order. A Float32Array is used without copying,
 * other typed arrays are converted to float32.
 * @param options Shape and spacing of the voxel grid and, if known, its position and orientation.
 * @returns The scan. A picture, (y, x), becomes a volume of one slice.
 * @throws {TypeError} If `data` is not a typed array, its length does not match shape and channels,
 * or spacing, origin, direction or affine has the wrong number of values.
 * @throws {RangeError} If an extent or a spacing is not positive, the affine is not invertible, or
 * spacing and affine disagree.
 *
 * @example Two slices of 3 mm
 * ```ts
 * import assert from "node:assert/strict";
 * import { imageFrom } from "nnunet";
 *
 * const image = imageFrom(new Float32Array(2 * 4 * 4), { shape: [2, 4, 4], spacing: [3, 1, 1] });
 * assert.deepEqual(image.geometry.spacing, [3, 1, 1]);
 * assert.equal(image.channels, 1);
 * ```
 */
export function imageFrom(data: TypedArray, options: ImageFromOptions): Image {
  requireTypedArray(data);
  requireKnown(options, { ...gridOptions, channels: true }, action);
  const values = data instanceof Float32Array && data.buffer instanceof ArrayBuffer
    ? data as Float32Array<ArrayBuffer>
    : Float32Array.from(data);
  const image = { geometry: geometryFrom(options), channels: options.channels ?? 1, data: values };
  requireImage(image, action);
  return image;
}

/**
 * Makes a label map from an array, for instance to show it or to write it to a file.
 *
 * @param data Labels, (z, y, x) in C order. A Uint8Array or Uint16Array is used without copying,
 * other typed arrays are converted.
 * @param options Shape and spacing of the voxel grid and, if known, its position and orientation.
 * @returns The label map. A picture, (y, x), becomes a volume of one slice.
 * @throws {TypeError} If `data` is not a typed array, its length does not match the shape, or
 * spacing, origin, direction or affine has the wrong number of values.
 * @throws {RangeError} If a label is not a whole number from 0 to 65535, an extent or a spacing is
 * not positive, the affine is not invertible, or spacing and affine disagree.
 *
 * @example The labels of a volume of 2 × 2 × 2 voxels
 * ```ts
 * import assert from "node:assert/strict";
 * import { segmentationFrom } from "nnunet";
 *
 * const labels = Int32Array.of(0, 0, 1, 1, 0, 0, 2, 2);
 * const segmentation = segmentationFrom(labels, { shape: [2, 2, 2], spacing: [1, 1, 1] });
 * assert.deepEqual(segmentation.data, Uint8Array.from(labels));
 * ```
 */
export function segmentationFrom(data: TypedArray, options: GridOptions): Segmentation {
  requireTypedArray(data);
  requireKnown(options, gridOptions, action);
  const segmentation = { geometry: geometryFrom(options), data: labelsFrom(data) };
  requireSegmentation(segmentation, action);
  return segmentation;
}

const action = "make an image";

function requireTypedArray(data: unknown) {
  if (ArrayBuffer.isView(data) && !(data instanceof DataView) && !isBigInt(data)) return;
  const found = Array.isArray(data) ? "a plain array" : describeValue(data);
  throw new TypeError(
    `Cannot ${action}: data is ${found}, expected a typed array, such as Float32Array.from(values)`,
  );
}

function isBigInt(data: unknown): boolean {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

function labelsFrom(data: TypedArray): Segmentation["data"] {
  const isPlain = data.buffer instanceof ArrayBuffer;
  if (isPlain && (data instanceof Uint8Array || data instanceof Uint16Array)) {
    return data as Segmentation["data"];
  }
  let largest = 0;
  for (let i = 0; i < data.length; i++) {
    const label = data[i];
    if (!(Number.isInteger(label) && label >= 0 && label <= 65535)) {
      throw new RangeError(
        `Cannot ${action}: found label ${label}, expected whole numbers from 0 to 65535`,
      );
    }
    if (label > largest) largest = label;
  }
  return largest < 256 ? Uint8Array.from(data) : Uint16Array.from(data);
}

function geometryFrom(options: GridOptions): Geometry {
  const { shape, spacing, origin, direction, affine } = options ?? {};
  if (shape?.length !== 3 && shape?.length !== 2) {
    throw new TypeError(
      `Cannot ${action}: shape is ${listOf(shape)}, expected (z, y, x), or (y, x) for a picture`,
    );
  }
  if (affine && (origin || direction)) {
    throw new TypeError(
      `Cannot ${action}: found an affine as well as ${origin ? "an origin" : "a direction"}, ` +
        "expected one of the two",
    );
  }
  if (affine) return geometryOf(shape, spacing, requireCount("affine", affine, 16));
  if (!spacing) {
    throw new TypeError(
      `Cannot ${action}: found neither spacing nor affine, expected the spacing in mm, ` +
        "in the order of the shape",
    );
  }
  const given = requireCount("spacing", spacing, shape.length);
  const full = volumeOf(given, missingAxisSpacing([given[0], given[1]]));
  const columns = requireCount("direction", direction ?? DEFAULT_DIRECTION, 9);
  const position = requireCount("origin", origin ?? [0, 0, 0], 3);
  const rows = [0, 1, 2].flatMap((row) => [
    ...[0, 1, 2].map((column) => columns[3 * row + column] * full[2 - column] + 0), // No −0.
    position[row],
  ]);
  return geometryOf(shape, spacing, [...rows, 0, 0, 0, 1]);
}

/** The geometry of an affine; without a spacing, the lengths of the affine's columns are used. */
function geometryOf(
  shape: readonly number[],
  spacing: readonly number[] | undefined,
  affine: readonly number[],
): Geometry {
  const lengths = [2, 1, 0].map((axis) => columnLength(affine, axis));
  const given = spacing && requireCount("spacing", spacing, shape.length);
  const geometry = {
    shape: volumeOf(shape, 1),
    spacing: given ? volumeOf(given, missingAxisSpacing([given[0], given[1]])) : asZyx(lengths),
    affine,
  };
  const positive = geometry.spacing.every((one) => one > 0 && Number.isFinite(one));
  if (positive && !isInvertible(affine)) {
    throw new RangeError(
      `Cannot ${action}: affine is [${affine}], expected an invertible 4×4 matrix`,
    );
  }
  if (positive) requireAgreement(geometry);
  return geometry;
}

/** One value per axis of a volume; `missing` is added for a picture. */
function volumeOf(values: readonly number[], missing: number): Zyx {
  return asZyx(values.length === 2 ? [missing, ...values] : values);
}

function asZyx([z, y, x]: readonly number[]): Zyx {
  return [z, y, x];
}

function requireCount(name: string, values: readonly number[], count: number): readonly number[] {
  if (values?.length === count) return values;
  throw new TypeError(
    `Cannot ${action}: ${name} is ${listOf(values)}, expected ${count} numbers`,
  );
}

function listOf(values: unknown): string {
  return Array.isArray(values) ? `[${values}]` : String(values);
}
