/** What is known of a tensor while its graph is being built. */

import type { DataType } from "../array/data_type.ts";
import type { Shape, TypedArray } from "../array/nd_array.ts";

/** Buffers of constants; booleans are bytes. */
export type ConstantData = TypedArray | BigInt64Array;

/** Type, shape and, for a constant, content. */
export interface TensorInfo {
  readonly type: DataType;
  readonly shape: Shape;
  /** A constant's elements; undefined if they are filled in later. */
  readonly constant?: ConstantData;
}
