/** Reorders the axes of arrays. */

import { type NdArray, sizeOf, stridesOf, type TypedArray } from "./nd_array.ts";

/**
 * Permutes axes like NumPy's `transpose`: axis `order[i]` of the input becomes axis `i`.
 *
 * @returns A new array, or `array` itself if the order does not change.
 * @throws {TypeError} If `order` is not a permutation of the axes.
 *
 * @example
 * ```ts
 * permuteAxes({ shape: [2, 3], data: Int8Array.of(1, 2, 3, 4, 5, 6) }, [1, 0]).data; // 1 4 2 5 3 6
 * ```
 */
export function permuteAxes<T extends TypedArray>(
  array: NdArray<T>,
  order: readonly number[],
): NdArray<T> {
  const axes = array.shape.map((_, axis) => axis);
  if (order.length !== axes.length || axes.some((axis) => !order.includes(axis))) {
    throw new TypeError(
      `Cannot permute axes of [${array.shape}]: order is [${order}], expected a permutation`,
    );
  }
  if (order.every((axis, i) => axis === i)) return array;
  const shape = order.map((axis) => array.shape[axis]);
  const oldStrides = stridesOf(array.shape);
  const strides = order.map((axis) => oldStrides[axis]);
  const source = array.data;
  const target = source.slice() as T; // Same type and size; every element is overwritten.
  const rowLength = shape[shape.length - 1];
  const stride = strides[strides.length - 1];
  const position = new Array<number>(shape.length - 1).fill(0);
  for (let row = 0; row < sizeOf(shape); row += rowLength) {
    const from = position.reduce((offset, index, axis) => offset + index * strides[axis], 0);
    for (let i = 0; i < rowLength; i++) target[row + i] = source[from + i * stride];
    advance(position, shape);
  }
  return { shape, data: target };
}

/** Advances a position in C order. */
function advance(position: number[], shape: readonly number[]) {
  for (let axis = position.length - 1; axis >= 0; axis--) {
    if (++position[axis] < shape[axis]) return;
    position[axis] = 0;
  }
}
