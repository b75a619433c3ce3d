/**
 * Python's plain data in JavaScript's terms, as pickles hold it.
 *
 * | Python | JavaScript |
 * | --- | --- |
 * | `None`, `bool`, `str` | `null`, `boolean`, `string` |
 * | `int`, `float` | `number`; `bigint` for an `int` beyond 2^53 |
 * | `list`, `tuple` | `Array`, {@link Tuple} |
 * | `dict`, `OrderedDict` | `Map`, {@link OrderedDict}; when writing also a plain object |
 * | `bytes` | `Uint8Array` |
 * | `torch.Tensor`, `numpy.ndarray` | {@link Tensor} |
 */

import type { Tensor } from "./tensor.ts";

/** A value that a pickle of plain data holds. */
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

/** A Python tuple: an array that is written as a tuple. Made with `Tuple.of` or `Tuple.from`. */
export class Tuple extends Array<PythonValue> {}

/** A Python `collections.OrderedDict`: a map that is written as one. */
export class OrderedDict extends Map<PythonValue, PythonValue> {}

/** Whether a value is an array with a shape, rather than a plain object that stands for a dict. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "shape" in value && "data" in value &&
    Array.isArray(value.shape) && ArrayBuffer.isView(value.data);
}
