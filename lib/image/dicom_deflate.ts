/** DICOM files whose elements, all but the first, are one piece of deflated data. */

import { inflateRaw } from "../platform/zlib.ts";

/** The transfer syntax of such files. */
export const deflatedSyntax = "1.2.840.10008.1.2.1.99";

/** More than any slice needs: what a damaged file would unpack to ends here. */
const maximalBytes = 1 << 30;

/**
 * The whole file with its elements unpacked.
 *
 * @param position Where the deflated data begin.
 * @throws {Error} If the data are damaged or end early.
 */
export function inflateDataSet(content: Uint8Array, position: number): Uint8Array {
  const elements = inflateRaw(content.subarray(position), maximalBytes);
  const unpacked = new Uint8Array(position + elements.length);
  unpacked.set(content.subarray(0, position));
  unpacked.set(elements, position);
  return unpacked;
}
