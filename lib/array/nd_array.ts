/** Dense arrays in C order (last axis fastest), as plain data. */

/** Element buffers an {@link NdArray} may hold. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** Extent per axis, outermost first. */
export type Shape = readonly number[];

/** Three extents or positions in nnU-Net's axis order (z, y, x). */
export type Zyx<T = number> = readonly [z: T, y: T, x: T];

/**
 * Converts a list of three values to (z, y, x).
 *
 * @throws {RangeError} If the list does not have three values.
 */
export function zyx<T>(values: readonly T[]): Zyx<T> {
  if (values.length !== 3) {
    throw new RangeError(
      `Cannot read [${values}] as (z, y, x): found ${values.length} values, expected 3`,
    );
  }
  const [z, y, x] = values;
  return [z, y, x];
}

/** A dense array in C order. */
export interface NdArray<T extends TypedArray = Float32Array> {
  /** Extent per axis. */
  readonly shape: Shape;
  /** `sizeOf(shape)` elements. */
  readonly data: T;
}

/** Returns the number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** Returns the strides of a shape in C order, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Whether two shapes (or any lists of numbers) are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
