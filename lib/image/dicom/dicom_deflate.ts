/** Inflates DICOM files whose elements after the file header are deflated as a whole. */

import { inflateRaw } from "../../platform/zlib.ts";

/** Limit of the inflated size, more than any slice needs, as a guard against damaged files. */
const maximalBytes = 1 << 30;

/**
 * Returns the whole file with its elements inflated.
 *
 * @param position Offset of the deflated data, in bytes.
 * @throws {Error} If the data are damaged or truncated.
 */
export function inflateDataSet(content: Uint8Array, position: number): Uint8Array {
  const elements = inflateRaw(content.subarray(position), maximalBytes);
  const unpacked = new Uint8Array(position + elements.length);
  unpacked.set(content.subarray(0, position));
  unpacked.set(elements, position);
  return unpacked;
}
