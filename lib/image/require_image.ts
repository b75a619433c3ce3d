/** Validates scans and label maps that users pass in. */

import { sizeOf } from "../array/nd_array.ts";
import { remedyOf, withArticle } from "../options/require_value.ts";
import { columnLength } from "./geometry.ts";
import type { Geometry, Image, Segmentation } from "./image.ts";

/** Relative tolerance between spacing and affine, because files store single precision. */
const SPACING_TOLERANCE = 1e-3;

/**
 * Requires that a value is a scan: a complete geometry and as many float32 values as grid and
 * channels need.
 *
 * @param value The value that the user passed.
 * @param action What cannot be done otherwise, for the message, such as `write scan.nii.gz`.
 * @throws {TypeError} If it is not an image, its values are not a Float32Array of the grid's size,
 * or its geometry is missing or incomplete.
 * @throws {RangeError} If its shape or spacing is not positive.
 */
export function requireImage(value: unknown, action: string): asserts value is Image {
  const fail = failureOf(action, "image");
  const { geometry, channels, data } = partsOf(value, fail, "imageFrom() or readImage()");
  requireGeometry(geometry, fail);
  if (!(data instanceof Float32Array)) {
    throw new TypeError(fail(`data is ${kindOf(data)}, expected a Float32Array`));
  }
  if (!Number.isInteger(channels) || (channels as number) < 1) {
    throw new TypeError(fail(`channels is ${channels}, expected a whole number of at least 1`));
  }
  requireLength(data.length, geometry, channels as number, fail);
}

/**
 * Requires that a value is a label map: a complete geometry and one label per voxel.
 *
 * @param value The value that the user passed.
 * @param action What cannot be done otherwise, for the message, such as `write scan.nii.gz`.
 * @param name Name of the label map in the message.
 * @throws {TypeError} If it is not a label map, its labels are not a Uint8Array or Uint16Array of
 * the grid's size, or its geometry is missing or incomplete.
 * @throws {RangeError} If its shape or spacing is not positive.
 */
export function requireSegmentation(
  value: unknown,
  action: string,
  name = "label map",
): asserts value is Segmentation {
  const fail = failureOf(action, name);
  const { geometry, data } = partsOf(value, fail, "segmentationFrom() or readSegmentation()");
  requireGeometry(geometry, fail);
  if (!(data instanceof Uint8Array || data instanceof Uint16Array)) {
    throw new TypeError(fail(`data is ${kindOf(data)}, expected a Uint8Array or Uint16Array`));
  }
  requireLength(data.length, geometry, 1, fail);
}

/** Makes the message of an error from what was found. */
type Failure = (found: string) => string;

function failureOf(action: string, name: string): Failure {
  return (found) => `Cannot ${action}: the ${name}'s ${found}`;
}

function partsOf(value: unknown, fail: Failure, makers: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && "data" in value) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new TypeError(
    fail(`value is ${kindOf(value)}, expected what ${makers} returns${remedyOf(value)}`),
  );
}

function requireGeometry(value: unknown, fail: Failure): asserts value is Geometry {
  const { shape, spacing, affine } = (value ?? {}) as Partial<Geometry>;
  if (!isNumbers(shape) || !isNumbers(spacing) || !isNumbers(affine)) {
    const missing = Object.entries({ shape, spacing, affine })
      .flatMap(([name, part]) => isNumbers(part) ? [] : [name]).join(", ");
    throw new TypeError(
      fail(
        `geometry lacks ${missing}, expected shape and spacing, (z, y, x), and an affine, as ` +
          "imageFrom() makes them",
      ),
    );
  }
  if (shape.length !== 3 || !shape.every((extent) => Number.isInteger(extent) && extent > 0)) {
    throw new RangeError(
      fail(`shape is [${shape}], expected three positive whole numbers, (z, y, x)`),
    );
  }
  if (spacing.length !== 3 || !spacing.every((one) => one > 0 && Number.isFinite(one))) {
    throw new RangeError(
      fail(`spacing is ${spacing.join(" × ")} mm, expected three positive numbers, (z, y, x)`),
    );
  }
  if (affine.length !== 16 || !affine.every(Number.isFinite)) {
    throw new TypeError(
      fail(`affine is [${affine}], expected 16 numbers, a 4×4 matrix row by row`),
    );
  }
}

function requireLength(length: number, { shape }: Geometry, channels: number, fail: Failure) {
  const expected = channels * sizeOf(shape);
  if (length === expected) return;
  throw new TypeError(
    fail(
      `data has ${length} values, expected ${expected}: ${channels} ` +
        `channel${channels === 1 ? "" : "s"} of ${shape.join(" × ")} voxels`,
    ),
  );
}

/**
 * Requires that spacing and affine agree on the distances between voxels.
 *
 * @throws {RangeError} If they differ by more than rounding in files can explain.
 */
export function requireAgreement({ spacing, affine }: Pick<Geometry, "spacing" | "affine">): void {
  const lengths = [2, 1, 0].map((axis) => columnLength(affine, axis));
  const agree = spacing.every((one, axis) =>
    Math.abs(one - lengths[axis]) <= SPACING_TOLERANCE * one
  );
  if (agree) return;
  throw new RangeError(
    `Cannot make an image: spacing is ${spacing.join(" × ")} mm, but the affine's voxels are ` +
      `${lengths.map((one) => +one.toFixed(6)).join(" × ")} mm apart, (z, y, x)`,
  );
}

function isNumbers(value: unknown): value is readonly number[] {
  return (Array.isArray(value) || ArrayBuffer.isView(value)) &&
    Array.from(value as ArrayLike<unknown>).every((one) => typeof one === "number");
}

/** Describes a value's type, such as `a plain array`, `a Float64Array` or `undefined`. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a plain array";
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  return withArticle(value.constructor?.name ?? "Object");
}
