/** Finds the bytes of each packed frame, which files store in fragments. */

import { joinBytes } from "../../array/join_bytes.ts";
import type { DataSet } from "./dicom_elements.ts";

/** Offsets and lengths of frames, in files with too many bytes for the basic table. */
const extendedOffsets = "x7fe00001";

/**
 * Returns the packed bytes of each frame.
 *
 * With several frames, a table of offsets or the number of fragments says which belong together;
 * without either, a frame ends with the marker that ends a JPEG or JPEG 2000 picture.
 *
 * @param tag The element of the pixels.
 * @returns Undefined if the fragments cannot be divided into so many frames.
 */
export function encapsulatedFrames(
  dataSet: DataSet,
  tag: string,
  frames: number,
): Uint8Array<ArrayBuffer>[] | undefined {
  const element = dataSet.elements[tag];
  const fragments = element.fragments ?? [];
  const bytesOf = ({ position, length }: (typeof fragments)[number]) =>
    dataSet.byteArray.subarray(position, position + length);
  if (fragments.length === 0 || frames < 1) return undefined;
  if (frames === 1) return [joinBytes(fragments.map(bytesOf))];
  const offsets = offsetsOf(dataSet, tag);
  if (offsets.length === frames) {
    // Offsets count from the first fragment's item, whose header has eight bytes.
    const groups = offsets.map((offset, i) =>
      fragments.filter((one) => one.offset >= offset && one.offset < (offsets[i + 1] ?? Infinity))
    );
    if (groups.every((group) => group.length > 0)) {
      return groups.map((group) => joinBytes(group.map(bytesOf)));
    }
  }
  if (fragments.length === frames) return fragments.map((one) => joinBytes([bytesOf(one)]));
  const groups: Uint8Array[][] = [[]];
  for (const bytes of fragments.map(bytesOf)) {
    groups.at(-1)!.push(bytes);
    if (endsPicture(bytes)) groups.push([]);
  }
  if (groups.at(-1)!.length === 0) groups.pop();
  return groups.length === frames ? groups.map(joinBytes) : undefined;
}

function offsetsOf(dataSet: DataSet, tag: string): number[] {
  const extended = dataSet.elements[extendedOffsets];
  if (!extended) return dataSet.elements[tag].basicOffsetTable ?? [];
  const { byteArray } = dataSet;
  const view = new DataView(byteArray.buffer, byteArray.byteOffset, byteArray.byteLength);
  return Array.from(
    { length: Math.floor(Math.min(extended.length, byteArray.length - extended.dataOffset) / 8) },
    (_, i) => Number(view.getBigUint64(extended.dataOffset + 8 * i, true)),
  );
}

/** Whether a fragment ends with the end of a picture, and up to one byte of padding. */
function endsPicture(bytes: Uint8Array): boolean {
  return [2, 3].some((back) => bytes.at(-back) === 0xff && bytes.at(1 - back) === 0xd9);
}
