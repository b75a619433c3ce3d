/** Describes tensors while their graph is being built. */

import type { DataType } from "../array/data_type.ts";
import type { Shape, TypedArray } from "../array/nd_array.ts";

/** Elements of a constant; booleans are stored as bytes. */
export type ConstantData = TypedArray | BigInt64Array;

/** A tensor's type and shape and, for a constant, its elements. */
export interface TensorInfo {
  /** Element type. */
  readonly type: DataType;
  /** Extent per axis. */
  readonly shape: Shape;
  /** A constant's elements; undefined if they are filled in later. */
  readonly constant?: ConstantData;
}
