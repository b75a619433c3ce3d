/**
 * Reads the private header ("CSA") that Siemens scanners store in DICOM files.
 *
 * @see https://nipy.org/nibabel/dicom/siemens_csa.html
 */

import type { DataSet } from "./dicom_elements.ts";

/** Creator of the private elements that hold the header. */
const creator = "SIEMENS CSA HEADER";

/** Most tags that a header has, as a guard against damaged files. */
const maximalTags = 1000;

/**
 * Returns a tag's values in the image's header.
 *
 * @returns The values as text, without padding; undefined if the file has no such header, the header
 * no such tag, or it is damaged.
 */
export function csaValues(dataSet: DataSet, tag: string): string[] | undefined {
  const bytes = csaHeader(dataSet);
  if (!bytes) return undefined;
  try {
    return valuesIn(bytes, tag);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // A position outside of the header.
    throw error;
  }
}

/** The header's bytes, in the block of elements that its creator reserved. */
function csaHeader(dataSet: DataSet): Uint8Array | undefined {
  for (let block = 0x10; block <= 0xff; block++) {
    const hex = block.toString(16).padStart(2, "0");
    if (dataSet.string(`x002900${hex}`)?.trim() !== creator) continue;
    const element = dataSet.elements[`x0029${hex}10`];
    if (!element) return undefined;
    return dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  }
}

function valuesIn(bytes: Uint8Array, wanted: string): string[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isSecondType = textAt(bytes, 0, 4) === "SV10";
  let position = isSecondType ? 8 : 0;
  const tags = view.getUint32(position, true);
  position += 8;
  let firstItems = 0; // Number of items of the first tag that has any; see below.
  for (let tag = 0; tag < Math.min(tags, maximalTags); tag++) {
    const name = textAt(bytes, position, 64);
    const items = view.getInt32(position + 76, true);
    if (firstItems === 0) firstItems = items;
    position += 84;
    const values: string[] = [];
    for (let item = 0; item < items; item++) {
      // The first type of header adds the number of the first items to all lengths.
      const length = isSecondType
        ? view.getInt32(position + 4, true)
        : view.getInt32(position, true) - firstItems;
      position += 16;
      if (length < 0 || position + length > bytes.length) throw new RangeError("outside");
      const value = textAt(bytes, position, length).trim();
      if (value !== "") values.push(value);
      position += Math.ceil(length / 4) * 4;
    }
    if (name === wanted) return values;
  }
}

/** Text up to the first zero byte. */
function textAt(bytes: Uint8Array, position: number, length: number): string {
  const part = bytes.subarray(position, position + length);
  const end = part.indexOf(0);
  return String.fromCharCode(...(end < 0 ? part : part.subarray(0, end)));
}
