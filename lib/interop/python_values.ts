/**
 * JavaScript types for Python's plain data in pickles.
 *
 * | Python | JavaScript |
 * | --- | --- |
 * | `None`, `bool`, `str` | `null`, `boolean`, `string` |
 * | `int`, `float` | `number`; `bigint` for an `int` beyond 2^53 |
 * | `list`, `tuple` | `Array`, {@link Tuple} |
 * | `dict`, `OrderedDict` | `Map`, {@link OrderedDict}; plain objects are accepted for writing |
 * | `bytes` | `Uint8Array` |
 * | `torch.Tensor`, `numpy.ndarray` | {@link Tensor} |
 */

import type { Tensor } from "./tensor.ts";

/** A value in a pickle of plain data. */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Tensor
  | readonly PythonValue[]
  | ReadonlyMap<PythonValue, PythonValue>
  | { readonly [key: string]: PythonValue };

/** A Python tuple. Create it with `Tuple.of` or `Tuple.from`. */
export class Tuple extends Array<PythonValue> {}

/** A Python `collections.OrderedDict`. */
export class OrderedDict extends Map<PythonValue, PythonValue> {}

/** Returns whether a value is a tensor rather than a plain object that represents a dict. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "shape" in value && "data" in value &&
    Array.isArray(value.shape) && ArrayBuffer.isView(value.data);
}
