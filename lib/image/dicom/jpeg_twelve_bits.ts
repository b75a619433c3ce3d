/**
 * Decodes grey JPEG pictures of 12 bits ("extended sequential"), which CT and nuclear medicine were
 * once packed with. The builds of libjpeg that npm has are for 8 bits.
 *
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 */

/** For the coefficients in the order of the file, their place in a block of 8 × 8, row by row. */
const zigzag = [
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5],
  ...[12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28],
  ...[35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51],
  ...[58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
];

/** A Huffman code: for each length, the first code, its place among the symbols, and how many follow. */
interface Huffman {
  readonly firstCodes: readonly number[];
  readonly places: readonly number[];
  readonly counts: readonly number[];
  readonly symbols: Uint8Array;
}

/**
 * Decodes a picture.
 *
 * The inverse transform is computed in floating point and rounded once; libjpeg's whole numbers differ
 * by 1 in some pixels.
 *
 * @returns The values, row by row.
 * @throws {RangeError} If the picture is damaged, or not a grey one of a single scan.
 */
export function decodeTwelveBits(bytes: Uint8Array): Uint16Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const quantization = new Map<number, Uint16Array>();
  const codes = new Map<number, Huffman>();
  let frame: { rows: number; columns: number; bits: number; table: number } | undefined;
  let restartInterval = 0;
  let position = 2;
  while (true) {
    if (view.getUint8(position) !== 0xff) throw new RangeError("found no marker between segments");
    const marker = view.getUint8(position + 1);
    if (marker === 0xff) {
      position++;
      continue;
    }
    const end = position + 2 + view.getUint16(position + 2);
    let at = position + 4;
    if (marker === 0xdb) {
      while (at < end) {
        const wide = view.getUint8(at) >> 4 !== 0;
        const table = new Uint16Array(64);
        for (let i = 0; i < 64; i++) {
          table[zigzag[i]] = wide ? view.getUint16(at + 1 + 2 * i) : view.getUint8(at + 1 + i);
        }
        quantization.set(view.getUint8(at) & 15, table);
        at += wide ? 129 : 65;
      }
    } else if (marker === 0xc4) {
      while (at < end) {
        const counts = Array.from({ length: 16 }, (_, i) => view.getUint8(at + 1 + i));
        const total = counts.reduce((sum, count) => sum + count, 0);
        if (at + 17 + total > end) throw new RangeError("a Huffman table is too long");
        codes.set(view.getUint8(at), huffmanOf(counts, bytes.slice(at + 17, at + 17 + total)));
        at += 17 + total;
      }
    } else if (marker === 0xc0 || marker === 0xc1) {
      if (view.getUint8(at + 5) !== 1) throw new RangeError("expected a single component");
      frame = {
        bits: view.getUint8(at),
        rows: view.getUint16(at + 1),
        columns: view.getUint16(at + 3),
        table: view.getUint8(at + 8),
      };
    } else if (marker === 0xdd) restartInterval = view.getUint16(at);
    else if (marker === 0xda) {
      const selectors = view.getUint8(at + 2);
      const table = frame && quantization.get(frame.table);
      const [dc, ac] = [codes.get(selectors >> 4), codes.get(0x10 | (selectors & 15))];
      if (!frame || !table || !dc || !ac) throw new RangeError("a scan lacks its tables");
      return decodeScan(new BitReader(bytes, end), { ...frame, table, dc, ac, restartInterval });
    }
    position = end;
  }
}

function huffmanOf(counts: readonly number[], symbols: Uint8Array): Huffman {
  const firstCodes: number[] = [];
  const places: number[] = [];
  let code = 0;
  let place = 0;
  for (const count of counts) {
    firstCodes.push(code);
    places.push(place);
    code = (code + count) << 1;
    place += count;
  }
  return { firstCodes, places, counts, symbols };
}

/** Reads the bits of a scan, without the zeros that follow bytes of ones. */
class BitReader {
  readonly #bytes: Uint8Array;
  #position: number;
  #byte = 0;
  #left = 0;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  bit(): number {
    if (this.#left === 0) {
      if (this.#position >= this.#bytes.length) throw new RangeError("the scan is cut short");
      this.#byte = this.#bytes[this.#position++];
      if (this.#byte === 0xff && this.#bytes[this.#position++] !== 0) {
        throw new RangeError("the scan ends early");
      }
      this.#left = 8;
    }
    return (this.#byte >> --this.#left) & 1;
  }

  symbol({ firstCodes, places, counts, symbols }: Huffman): number {
    let code = 0;
    for (let length = 0; length < 16; length++) {
      code = (code << 1) | this.bit();
      const offset = code - firstCodes[length];
      if (offset < counts[length]) return symbols[places[length] + offset];
    }
    throw new RangeError("found an undefined code");
  }

  /** A number of so many bits; those whose highest bit is 0 are negative. */
  number(length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++) value = (value << 1) | this.bit();
    return length > 0 && value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  /** Continues after a restart marker. */
  restart(): void {
    this.#left = 0;
    const [one, other] = this.#bytes.subarray(this.#position, this.#position + 2);
    if (one !== 0xff || other < 0xd0 || other > 0xd7) throw new RangeError("a restart is missing");
    this.#position += 2;
  }
}

interface Scan {
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly table: Uint16Array;
  readonly dc: Huffman;
  readonly ac: Huffman;
  /** Number of blocks between restarts; 0 without them. */
  readonly restartInterval: number;
}

function decodeScan(
  reader: BitReader,
  { rows, columns, bits, table, dc, ac, restartInterval }: Scan,
): Uint16Array<ArrayBuffer> {
  const values = new Uint16Array(rows * columns);
  const [down, across] = [Math.ceil(rows / 8), Math.ceil(columns / 8)];
  const [middle, largest] = [2 ** (bits - 1), 2 ** bits - 1];
  const block = new Float64Array(64);
  let previous = 0;
  for (let index = 0; index < down * across; index++) {
    if (restartInterval > 0 && index > 0 && index % restartInterval === 0) {
      reader.restart();
      previous = 0;
    }
    block.fill(0);
    previous += reader.number(reader.symbol(dc) & 15);
    block[0] = previous * table[0];
    for (let i = 1; i < 64; i++) {
      const symbol = reader.symbol(ac);
      const length = symbol & 15;
      if (length === 0 && symbol !== 0xf0) break;
      i += symbol >> 4;
      if (length === 0) continue; // Sixteen zeros.
      if (i > 63) throw new RangeError("a block is too long");
      block[zigzag[i]] = reader.number(length) * table[zigzag[i]];
    }
    invertCosines(block);
    const [top, left] = [8 * Math.floor(index / across), 8 * (index % across)];
    for (let y = 0; y < 8 && top + y < rows; y++) {
      for (let x = 0; x < 8 && left + x < columns; x++) {
        const value = Math.round(block[8 * y + x]) + middle;
        values[(top + y) * columns + left + x] = Math.min(largest, Math.max(0, value));
      }
    }
  }
  return values;
}

/** `cosines[8 × u + x]`, scaled so that the transform preserves lengths. */
const cosines = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return Math.cos((2 * x + 1) * u * Math.PI / 16) * (u === 0 ? Math.sqrt(1 / 8) : 0.5);
});

/** The inverse cosine transform of a block, in place: rows, then columns. */
function invertCosines(block: Float64Array): void {
  const line = new Float64Array(8);
  for (const [lineStep, step] of [[8, 1], [1, 8]]) {
    for (let start = 0; start < 8 * lineStep; start += lineStep) {
      line.fill(0);
      for (let u = 0; u < 8; u++) {
        const value = block[start + u * step];
        if (value === 0) continue;
        for (let x = 0; x < 8; x++) line[x] += value * cosines[8 * u + x];
      }
      for (let x = 0; x < 8; x++) block[start + x * step] = line[x];
    }
  }
}
