/**
 * Dilates and erodes masks, 32 voxels at a time: rows of voxels are packed into bits, and rows of the
 * structuring element become shifts that are combined.
 */

import type { NdArray, Shape } from "../array/nd_array.ts";

const WORD = 32;

/** Dilates a mask: 1 where the element, centred on a voxel, meets the mask; 0 beyond the border. */
export function dilate(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  return sweep(mask, shape, element, 0);
}

/** Erodes a mask: 1 where the element, centred on a voxel, fits the mask; 1 beyond the border. */
export function erode(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  return sweep(mask, shape, element, 1);
}

/** Erodes, then dilates: removes parts that the element does not fit into. */
export function open(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  return dilate(erode(mask, shape, element), shape, element);
}

/** Dilates, then erodes: fills gaps that the element does not fit into. */
export function close(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  return erode(dilate(mask, shape, element), shape, element);
}

/** One row of a structuring element, as offsets in voxels from its centre. */
interface ElementRow {
  readonly z: number;
  readonly y: number;
  readonly xs: readonly number[];
}

/** Dilates the mask or, if `inverted` is 1, its complement, and inverts the result again. */
function sweep(
  mask: Uint8Array,
  shape: Shape,
  element: NdArray<Uint8Array>,
  inverted: 0 | 1,
): Uint8Array<ArrayBuffer> {
  if (shape.length > 3 || element.shape.length !== shape.length) {
    throw new RangeError(
      `Cannot dilate or erode: element has shape [${element.shape}], mask [${shape}], ` +
        "expected the same number of axes, at most 3",
    );
  }
  const [depth, height, width] = [1, 1, ...shape].slice(-3);
  const words = Math.ceil(width / WORD);
  const source = pack(mask, width, words, inverted);
  const target = new Int32Array(source.length);
  // Identical rows of the element share one widened copy of the mask.
  for (const rows of groupAlike(rowsOf(element))) {
    const widened = widen(source, words, rows[0].xs);
    for (const { z: dz, y: dy } of rows) {
      const zEnd = Math.min(depth, depth - dz), yEnd = Math.min(height, height - dy);
      const yBegin = Math.max(0, -dy), rowWords = (yEnd - yBegin) * words;
      for (let z = Math.max(0, -dz); z < zEnd; z++) {
        // Consecutive rows are contiguous in both arrays and are combined in one loop.
        let to = (z * height + yBegin) * words;
        let from = ((z + dz) * height + yBegin + dy) * words;
        for (const end = to + rowWords; to < end; to++, from++) target[to] |= widened[from];
      }
    }
  }
  return unpack(target, mask.length, width, words, inverted);
}

/**
 * Returns the element's nonempty rows. Its centre is voxel ⌊(n − 1) / 2⌋ of an edge of n, as for
 * PyTorch's padding "same".
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

/** Returns bits that are set where the source has a set bit at any of the given distances. */
function widen(source: Int32Array, words: number, distances: readonly number[]): Int32Array {
  const widened = new Int32Array(source.length);
  for (const distance of distances) {
    // Bit x receives bit x + distance: whole words are skipped, the remainder is shifted.
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
