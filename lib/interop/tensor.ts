/** Arrays in Python's files: element types, buffers and strides. */

import { type Shape, sizeOf, stridesOf, type TypedArray } from "../array/nd_array.ts";

/** Element types of a {@link Tensor}; `bool` is stored as 0 and 1 in a `Uint8Array`. */
export type Dtype =
  | "float32"
  | "float64"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "bool";

/** Element types in a file; half precision is converted to float32 when read. */
export type StoredDtype = Dtype | "float16" | "bfloat16";

/** Buffers of a tensor's elements. */
export type TensorData = TypedArray | BigInt64Array;

/** An array in C order with its element type. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: TensorData;
  /** Element type; that of the buffer by default when writing. */
  readonly dtype?: Dtype;
}

const elementArrays = {
  float16: Float16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

/** Element types; uint8 precedes bool, so that it is the default for a `Uint8Array`. */
const dtypes: readonly Dtype[] = [
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "bool",
];

/** Returns the bytes per element. */
export function elementBytes(dtype: StoredDtype): number {
  return elementArrays[dtype].BYTES_PER_ELEMENT;
}

/**
 * Returns a tensor's element type, by default that of its buffer.
 *
 * @throws {TypeError} If the buffer has no element type, or does not match `dtype`.
 */
export function dtypeOf({ data, dtype }: Tensor): Dtype {
  const possible = dtypes.filter((name) => elementArrays[name] === data.constructor);
  if (possible.length === 0 || (dtype && !possible.includes(dtype))) {
    throw new TypeError(
      `Cannot use tensor: its data is a ${data.constructor.name}, expected that of ${
        dtype ?? dtypes.join(", ")
      }`,
    );
  }
  return dtype ?? possible[0];
}

/**
 * Decodes little-endian bytes as elements: a view if the bytes are aligned, else a copy. float16
 * and bfloat16 are converted to float32, which represents all their values.
 *
 * @param bytes Bytes of a whole number of elements.
 */
export function decodeElements(
  bytes: Uint8Array<ArrayBuffer>,
  stored: StoredDtype,
): { data: TensorData; dtype: Dtype } {
  const ElementArray = elementArrays[stored];
  const width = ElementArray.BYTES_PER_ELEMENT;
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  const elements = new ElementArray(buffer, byteOffset, bytes.length / width);
  if (stored === "float16") {
    return { data: Float32Array.from(elements as Float16Array), dtype: "float32" };
  }
  if (stored === "bfloat16") {
    // A bfloat16 is the upper half of a float32.
    const bits = Uint32Array.from(elements as Uint16Array, (half) => half << 16);
    return { data: new Float32Array(bits.buffer), dtype: "float32" };
  }
  return { data: elements as TensorData, dtype: stored };
}

/** Returns whether strides are those of C order; axes of extent 1 may have any stride. */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  const expected = stridesOf(shape);
  return shape.every((extent, axis) => extent === 1 || strides[axis] === expected[axis]);
}

/**
 * Copies the elements of a strided view in C order.
 *
 * @param strides Elements between neighbours along each axis; the view must be inside `data`.
 */
export function gatherStrided<T extends TensorData>(
  data: T,
  shape: Shape,
  strides: readonly number[],
): T {
  const gathered = new (data.constructor as new (length: number) => T)(sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < gathered.length; to++) {
    gathered[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= index[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return gathered;
}
