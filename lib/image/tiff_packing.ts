/** How strips and tiles of TIFF files are packed. */

import { inflate } from "../platform/zlib.ts";

/** TIFF's code of the packing that is written. */
export const deflateCode = 8;

/** How one kind of packing is undone. */
export interface Packing {
  /** Unpacks a strip or tile that holds `length` bytes; fewer come out if it holds fewer. */
  readonly unpack: (packed: Uint8Array, length: number) => Uint8Array;
  /** The most bytes that one packed byte can hold. */
  readonly maximalRatio: number;
}

/** Lossless kinds of packing, by TIFF's code. */
export const packings = new Map<number, Packing>([
  [1, { unpack: (packed) => packed, maximalRatio: 1 }],
  [5, { unpack: unpackLzw, maximalRatio: 2731 }],
  [deflateCode, { unpack: inflate, maximalRatio: 1032 }],
  [32946, { unpack: inflate, maximalRatio: 1032 }], // The same, before it was in the standard.
  [32773, { unpack: unpackRuns, maximalRatio: 64 }],
]);

/** PackBits: runs of one byte, and stretches of bytes as they are. */
function unpackRuns(packed: Uint8Array, length: number): Uint8Array {
  const content = new Uint8Array(length);
  let filled = 0;
  let position = 0;
  while (position < packed.length && filled < length) {
    const count = (packed[position] << 24) >> 24; // As a signed byte.
    position++;
    if (count === -128) continue;
    if (count < 0) {
      content.fill(packed[position++], filled, filled + 1 - count);
      filled += 1 - count;
    } else {
      const stretch = packed.subarray(position, position + count + 1);
      content.set(stretch.subarray(0, length - filled), filled);
      filled += stretch.length;
      position += count + 1;
    }
  }
  return content.subarray(0, Math.min(filled, length));
}

const clearCode = 256;
const endCode = 257;
const maximalCodes = 4096;

/**
 * LZW with codes of 9 to 12 bits, high bit first, that grow one code early.
 *
 * The table holds no strings: an entry is where, in what is already unpacked, its string begins and
 * how long it is.
 *
 * @throws {RangeError} If a code stands for nothing.
 * @see https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf section 13
 */
function unpackLzw(packed: Uint8Array, length: number): Uint8Array {
  const content = new Uint8Array(length);
  const starts = new Uint32Array(maximalCodes);
  const lengths = new Uint32Array(maximalCodes);
  let filled = 0;
  let codes = endCode + 1;
  let width = 9;
  let previous = { start: 0, length: 0 };
  let bits = 0;
  let bitCount = 0;
  for (let position = 0; filled < length;) {
    while (bitCount < width && position < packed.length) {
      bits = ((bits & 0xffff) << 8) | packed[position++];
      bitCount += 8;
    }
    if (bitCount < width) break;
    bitCount -= width;
    const code = (bits >> bitCount) & ((1 << width) - 1);
    if (code === endCode) break;
    if (code === clearCode) {
      codes = endCode + 1;
      width = 9;
      previous = { start: 0, length: 0 };
      continue;
    }
    // An entry is the string before and the first byte of this one, which follows it in place.
    if (previous.length > 0 && codes < maximalCodes) {
      starts[codes] = previous.start;
      lengths[codes] = previous.length + 1;
      codes++;
    }
    const start = filled;
    if (code < clearCode) content[filled++] = code;
    else if (code < codes) {
      for (let i = 0; i < lengths[code] && filled < length; i++) {
        content[filled++] = content[starts[code] + i];
      }
    } else throw new RangeError(`LZW code ${code} stands for nothing`);
    previous = { start, length: filled - start };
    if (codes + 1 >= 1 << width && width < 12) width++;
  }
  return content.subarray(0, filled);
}
