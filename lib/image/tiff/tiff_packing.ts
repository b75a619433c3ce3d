/** Unpacks strips and tiles of TIFF files. */

import { inflate, unpackZstd } from "../../platform/zlib.ts";

/** TIFF's code of deflate, the compression that is written. */
export const deflateCode = 8;

/** Decompression of one kind of packing. */
export interface Packing {
  /** Unpacks a strip or tile into at most `length` bytes; fewer if it has fewer. */
  readonly unpack: (packed: Uint8Array, length: number) => Uint8Array;
  /** Upper bound of the unpacked bytes per packed byte. */
  readonly maximalRatio: number;
}

/** Zstandard's highest ratio: a block of 128 KiB of one repeated byte takes four bytes. */
const zstdRatio = 1 << 15;

/** The supported kinds of packing, all lossless, by TIFF's code. */
export const packings = new Map<number, Packing>([
  [1, { unpack: (packed) => packed, maximalRatio: 1 }],
  [5, { unpack: unpackLzw, maximalRatio: 2731 }],
  [deflateCode, { unpack: inflate, maximalRatio: 1032 }],
  [32946, { unpack: inflate, maximalRatio: 1032 }], // Deflate's code before it was standardised.
  [34926, { unpack: unpackZstd, maximalRatio: zstdRatio }], // Zstandard's code in older files.
  [50000, { unpack: unpackZstd, maximalRatio: zstdRatio }],
  [32773, { unpack: unpackRuns, maximalRatio: 64 }],
]);

/** Unpacks PackBits: runs of one repeated byte and runs of literal bytes. */
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
      const literals = packed.subarray(position, position + count + 1);
      content.set(literals.subarray(0, length - filled), filled);
      filled += literals.length;
      position += count + 1;
    }
  }
  return content.subarray(0, Math.min(filled, length));
}

const clearCode = 256;
const endCode = 257;
const maximalCodes = 4096;

/**
 * Unpacks LZW with codes of 9 to 12 bits, high bit first, whose width grows one code early.
 *
 * The table stores no strings but the start and length of each in the bytes already unpacked.
 *
 * @throws {RangeError} If a code is undefined.
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
    // A new entry is the previous string and the first byte of this one, which directly follows it.
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
    } else throw new RangeError(`LZW code ${code} is undefined`);
    previous = { start, length: filled - start };
    if (codes + 1 >= 1 << width && width < 12) width++;
  }
  return content.subarray(0, filled);
}
