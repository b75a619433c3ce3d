/**
 * Dilation and erosion of masks, 32 voxels at a time: a row of voxels is a row of bits, and a
 * structuring element a list of rows to be joined.
 */

import type { NdArray, Shape } from "../array/nd_array.ts";

const WORD = 32;

/** 1 where the element, put on a voxel, meets the mask; beyond the border there is none. */
export function dilate(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  return sweep(mask, shape, element, 0);
}

/** 1 where the element, put on a voxel, lies within the mask; beyond the border all is mask. */
export function erode(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  return sweep(mask, shape, element, 1);
}

/** Erosion, then dilation: removes what the element does not fit into. */
export function open(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  return dilate(erode(mask, shape, element), shape, element);
}

/** Dilation, then erosion: fills gaps that the element does not fit into. */
export function close(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  return erode(dilate(mask, shape, element), shape, element);
}

/** One row of a structuring element, in voxels from the one it is put on. */
interface ElementRow {
  readonly z: number;
  readonly y: number;
  readonly xs: readonly number[];
}

/** Dilates the mask, or with `inverted` of 1 all that is not mask, and inverts that again. */
function sweep(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
  inverted: 0 | 1,
): Uint8Array<ArrayBuffer> {
  if (shape.length > 3 || element.shape.length !== shape.length) {
    throw new RangeError(
      `Cannot move an element of [${element.shape}] over a mask of [${shape}]: ` +
        "expected as many axes, at most three",
    );
  }
  const [depth, height, width] = [1, 1, ...shape].slice(-3);
  const words = Math.ceil(width / WORD);
  const source = pack(mask, width, words, inverted);
  const target = new Int32Array(source.length);
  // Rows of the element that are alike share one widened copy of the mask.
  for (const rows of groupAlike(rowsOf(element))) {
    const widened = widen(source, words, rows[0].xs);
    for (const { z: dz, y: dy } of rows) {
      const zEnd = Math.min(depth, depth - dz), yEnd = Math.min(height, height - dy);
      const yBegin = Math.max(0, -dy), rowWords = (yEnd - yBegin) * words;
      for (let z = Math.max(0, -dz); z < zEnd; z++) {
        // Rows that follow each other do so in both, and are joined in one go.
        let to = (z * height + yBegin) * words;
        let from = ((z + dz) * height + yBegin + dy) * words;
        for (const end = to + rowWords; to < end; to++, from++) target[to] |= widened[from];
      }
    }
  }
  return unpack(target, mask.length, width, words, inverted);
}

/**
 * The element's rows that are not empty. Its middle is voxel ⌊(n − 1) / 2⌋ of an edge of n, as it is
 * for PyTorch's padding "same".
 */
function rowsOf({ shape, data }: NdArray<Uint8Array>): ElementRow[] {
  const [depth, height, width] = [1, 1, ...shape].slice(-3);
  const middle = [depth, height, width].map((extent) => (extent - 1) >> 1);
  const rows: ElementRow[] = [];
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const xs: number[] = [];
      for (let x = 0; x < width; x++) {
        if (data[(z * height + y) * width + x] !== 0) xs.push(x - middle[2]);
      }
      if (xs.length > 0) rows.push({ z: z - middle[0], y: y - middle[1], xs });
    }
  }
  return rows;
}

function groupAlike(rows: readonly ElementRow[]): ElementRow[][] {
  return Object.values(Object.groupBy(rows, ({ xs }) => xs.join())) as ElementRow[][];
}

/** Bits that are set where, at any of the given distances, one of the source is. */
function widen(source: Int32Array, words: number, distances: readonly number[]): Int32Array {
  const widened = new Int32Array(source.length);
  for (const distance of distances) {
    // Bit x gets bit x + distance: from this many words on, shifted by the rest.
    const skipped = Math.floor(distance / WORD), shift = distance - skipped * WORD;
    for (let row = 0; row < source.length; row += words) {
      for (let word = 0; word < words; word++) {
        const near = word + skipped, far = near + 1;
        if (near >= 0 && near < words) widened[row + word] |= source[row + near] >>> shift;
        if (shift > 0 && far >= 0 && far < words) {
          widened[row + word] |= source[row + far] << (WORD - shift);
        }
      }
    }
  }
  return widened;
}

function pack(mask: Uint8Array, width: number, words: number, inverted: 0 | 1): Int32Array {
  const bits = new Int32Array(mask.length / width * words);
  for (let i = 0, row = 0; i < mask.length; row += words) {
    for (let x = 0; x < width; x++, i++) {
      const set = (mask[i] !== 0 ? 1 : 0) ^ inverted;
      bits[row + (x >>> 5)] |= set << (x & 31);
    }
  }
  return bits;
}

function unpack(
  bits: Int32Array,
  length: number,
  width: number,
  words: number,
  inverted: 0 | 1,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(length);
  for (let i = 0, row = 0; i < length; row += words) {
    for (let x = 0; x < width; x++, i++) {
      mask[i] = (bits[row + (x >>> 5)] >>> (x & 31) & 1) ^ inverted;
    }
  }
  return mask;
}
