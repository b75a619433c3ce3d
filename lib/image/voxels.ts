/** Number types of image files, and their conversion to float32. */

import { takeArray } from "../array/reused_arrays.ts";
import type { TypedArray } from "../array/nd_array.ts";
import { type Pieces, wholeElements } from "./pieces.ts";

/** A number type in which voxels are stored. */
export interface VoxelType {
  readonly name: VoxelTypeName;
  /** Bytes per voxel. */
  readonly bytes: 1 | 2 | 4 | 8;
  /** Returns little-endian numbers as a view of the buffer or, if needed, a converted copy. */
  readonly view: (buffer: ArrayBuffer, byteOffset: number, count: number) => TypedArray;
}

/** Names of the types, as in NumPy. */
export type VoxelTypeName =
  | `${"u" | ""}int${8 | 16 | 32 | 64}`
  | `float${16 | 32 | 64}`;

/** All integer and real types. */
export const voxelTypes: Readonly<Record<VoxelTypeName, VoxelType>> = {
  uint8: { name: "uint8", bytes: 1, view: (...at) => new Uint8Array(...at) },
  int8: { name: "int8", bytes: 1, view: (...at) => new Int8Array(...at) },
  uint16: { name: "uint16", bytes: 2, view: (...at) => new Uint16Array(...at) },
  int16: { name: "int16", bytes: 2, view: (...at) => new Int16Array(...at) },
  uint32: { name: "uint32", bytes: 4, view: (...at) => new Uint32Array(...at) },
  int32: { name: "int32", bytes: 4, view: (...at) => new Int32Array(...at) },
  uint64: { name: "uint64", bytes: 8, view: (...at) => joinHalves(...at, Uint32Array) },
  int64: { name: "int64", bytes: 8, view: (...at) => joinHalves(...at, Int32Array) },
  float16: {
    name: "float16",
    bytes: 2,
    view: (...at) => Float32Array.from(new Float16Array(...at)),
  },
  float32: { name: "float32", bytes: 4, view: (...at) => new Float32Array(...at) },
  float64: { name: "float64", bytes: 8, view: (...at) => new Float64Array(...at) },
};

/** Number type, byte order and scaling of stored numbers. */
export interface VoxelEncoding {
  readonly type: VoxelType;
  readonly littleEndian: boolean;
  /** value = stored × slope + intercept */
  readonly slope: number;
  readonly intercept: number;
}

/** The encoding of unscaled little-endian numbers. */
export function plainEncoding(type: VoxelType): VoxelEncoding {
  return { type, littleEndian: true, slope: 1, intercept: 0 };
}

/**
 * Converts stored voxels to float32; scaling is computed in float64.
 *
 * @param pieces The bytes of `count` voxels.
 */
export async function decodeVoxels(
  pieces: Pieces,
  count: number,
  { type, littleEndian, slope, intercept }: VoxelEncoding,
): Promise<Float32Array<ArrayBuffer>> {
  const values = takeArray(Float32Array<ArrayBuffer>, count);
  let start = 0;
  for await (let bytes of wholeElements(pieces, type.bytes)) {
    if (!littleEndian || bytes.byteOffset % type.bytes !== 0) bytes = bytes.slice();
    if (!littleEndian) swapBytes(bytes, type.bytes);
    const stored = type.view(bytes.buffer, bytes.byteOffset, bytes.length / type.bytes);
    if (slope === 1 && intercept === 0) values.set(stored, start);
    else scaleInto(values, start, stored, slope, intercept);
    start += stored.length;
  }
  return values;
}

function scaleInto(
  values: Float32Array,
  start: number,
  stored: TypedArray,
  slope: number,
  intercept: number,
) {
  for (let i = 0; i < stored.length; i++) values[start + i] = stored[i] * slope + intercept;
}

/**
 * Reverses the bytes of every number, in place.
 *
 * @param bytes A view whose offset is a multiple of `width`.
 * @param width Bytes per number.
 */
export function swapBytes(
  { buffer, byteOffset, length }: Uint8Array<ArrayBuffer>,
  width: VoxelType["bytes"],
) {
  if (width === 2) {
    const values = new Uint16Array(buffer, byteOffset, length / 2);
    for (let i = 0; i < values.length; i++) values[i] = (values[i] << 8) | (values[i] >> 8);
  } else if (width === 4) {
    const values = new Uint32Array(buffer, byteOffset, length / 4);
    for (let i = 0; i < values.length; i++) values[i] = swapped(values[i]);
  } else if (width === 8) {
    const halves = new Uint32Array(buffer, byteOffset, length / 4);
    for (let i = 0; i < halves.length; i += 2) {
      const first = swapped(halves[i]);
      halves[i] = swapped(halves[i + 1]);
      halves[i + 1] = first;
    }
  }
}

function swapped(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** Converts 64-bit integers to float64, many times faster than BigInt; exact up to 2⁵³. */
function joinHalves(
  buffer: ArrayBuffer,
  byteOffset: number,
  count: number,
  High: Int32ArrayConstructor | Uint32ArrayConstructor,
): Float64Array {
  const low = new Uint32Array(buffer, byteOffset, count * 2);
  const high = new High(buffer, byteOffset, count * 2);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = high[2 * i + 1] * 2 ** 32 + low[2 * i];
  return values;
}

/**
 * Converts interleaved channels to one channel after the other.
 *
 * @param values (z, y, x, c) in C order.
 * @returns (c, z, y, x) in C order.
 */
export function separateChannels(
  values: Float32Array<ArrayBuffer>,
  channels: number,
): Float32Array<ArrayBuffer> {
  if (channels === 1) return values;
  const size = values.length / channels;
  const separate = new Float32Array(values.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < size; i++) separate[channel * size + i] = values[i * channels + channel];
  }
  return separate;
}
