/** Reads TIFF's directories, which describe a file's pages. */

import { nameSome } from "../../files/some_names.ts";
import { requireBytes } from "../file_content.ts";
import { type VoxelType, voxelTypes } from "../voxels.ts";

/** TIFF's tags of the fields in use. */
export const tiffTags = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  packing: 259,
  photometric: 262,
  description: 270,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  jpegTables: 347,
  sampleFormat: 339,
} as const;

/** One page: a grid of pixels divided into tiles. Strips are tiles as wide as the page. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  /** Numbers per pixel. */
  readonly samples: number;
  /** Number type; undefined for single bits. */
  readonly type: VoxelType | undefined;
  /** Whether each sample has separate tiles; otherwise a pixel's samples are adjacent. */
  readonly separate: boolean;
  /** TIFF's compression code. */
  readonly packing: number;
  readonly predictor: TiffPredictor;
  /** TIFF's code of how grey values or colours are stored. */
  readonly photometric: number;
  /** JPEG tables that all tiles share; empty without. */
  readonly jpegTables: Uint8Array;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly tileOffsets: readonly number[];
  readonly tileBytes: readonly number[];
  readonly description: string;
}

/** TIFF's predictor code: 1 for none, 2 for differences, 3 for differences of floats' bytes. */
export type TiffPredictor = 1 | 2 | 3;

/** The directories of a TIFF file. */
export interface TiffDirectories {
  readonly littleEndian: boolean;
  /** Pages in order, without thumbnails. */
  readonly pages: readonly TiffPage[];
}

/** Bytes per value, by TIFF's type code. */
const valueBytes: Readonly<Record<number, number>> = {
  1: 1, // Byte
  2: 1, // Text
  3: 2, // Unsigned, 16 bits
  4: 4, // Unsigned, 32 bits
  7: 1, // Bytes of any kind
  16: 8, // Unsigned, 64 bits
};

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly offset: number;
}

/**
 * Reads the directories of a TIFF or BigTIFF file.
 *
 * @param path Path for error messages.
 * @throws {TypeError} If the file is not TIFF or has an unsupported number type or predictor.
 * @throws {RangeError} If the file is truncated, or sizes are invalid.
 */
export function readTiffDirectories(
  content: Uint8Array<ArrayBuffer>,
  path: string,
): TiffDirectories {
  requireBytes(content.length, 8, path);
  const mark = String.fromCharCode(content[0], content[1]);
  const littleEndian = mark === "II";
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const version = view.getUint16(2, littleEndian);
  if ((mark !== "II" && mark !== "MM") || (version !== 42 && version !== 43)) {
    throw new TypeError(
      `Cannot read ${path}: file does not begin with TIFF's magic, expected II or MM, then 42 or 43`,
    );
  }
  const reader = new DirectoryReader(view, littleEndian, version === 43, path);
  const pages: TiffPage[] = [];
  const visited = new Set<number>();
  for (let offset = reader.firstOffset(); offset !== 0;) {
    if (visited.has(offset)) {
      throw new RangeError(`Cannot read ${path}: its pages form a cycle, expected a last page`);
    }
    visited.add(offset);
    const { entries, next } = reader.directory(offset);
    const isThumbnail = (reader.number(entries, tiffTags.subfileType, 0) & 1) === 1;
    if (!isThumbnail) pages.push(reader.page(entries));
    offset = next;
  }
  if (pages.length === 0) throw new RangeError(`Cannot read ${path}: found no pages, expected one`);
  return { littleEndian, pages };
}

/** Reads the directories of one file, never past its end. */
class DirectoryReader {
  constructor(
    readonly view: DataView,
    readonly littleEndian: boolean,
    readonly big: boolean,
    readonly path: string,
  ) {}

  firstOffset(): number {
    return this.big ? this.#read(8, 8) : this.#read(4, 4);
  }

  /** The entries of the directory at an offset, by tag, and the next directory's offset. */
  directory(offset: number) {
    const [countBytes, entryBytes, inlineBytes] = this.big ? [8, 20, 8] : [2, 12, 4];
    const count = this.#read(offset, countBytes);
    const end = offset + countBytes + count * entryBytes;
    const next = this.#read(end, inlineBytes);
    const entries = new Map<number, Entry>();
    for (let at = offset + countBytes; at < end; at += entryBytes) {
      const type = this.#read(at + 2, 2);
      const valueCount = this.#read(at + 4, inlineBytes);
      const valueAt = at + 4 + inlineBytes;
      const fits = (valueBytes[type] ?? 0) * valueCount <= inlineBytes;
      const valueOffset = fits ? valueAt : this.#read(valueAt, inlineBytes);
      entries.set(this.#read(at, 2), { type, count: valueCount, offset: valueOffset });
    }
    return { entries, next };
  }

  page(entries: ReadonlyMap<number, Entry>): TiffPage {
    const tags = tiffTags;
    const width = this.number(entries, tags.width);
    const height = this.number(entries, tags.height);
    const samples = this.number(entries, tags.samplesPerPixel, 1);
    if (!(width >= 1 && height >= 1 && samples >= 1)) {
      throw new RangeError(
        `Cannot read ${this.path}: page has ${width} × ${height} pixels of ${samples} numbers, ` +
          "expected at least one of each",
      );
    }
    const predictor = this.number(entries, tags.predictor, 1);
    if (predictor !== 1 && predictor !== 2 && predictor !== 3) {
      throw new TypeError(
        `Cannot read ${this.path}: predictor is ${predictor}, expected 1, 2 or 3`,
      );
    }
    const tiled = entries.has(tags.tileOffsets);
    const page: TiffPage = {
      width,
      height,
      samples,
      type: this.#sampleType(entries),
      separate: samples > 1 && this.number(entries, tags.planarConfiguration, 1) === 2,
      packing: this.number(entries, tags.packing, 1),
      predictor,
      photometric: this.number(entries, tags.photometric, 1),
      jpegTables: this.#bytes(entries, tags.jpegTables),
      tileWidth: tiled ? this.number(entries, tags.tileWidth) : width,
      tileHeight: tiled
        ? this.number(entries, tags.tileHeight)
        : Math.min(this.number(entries, tags.rowsPerStrip, height), height),
      tileOffsets: this.#numbers(entries, tiled ? tags.tileOffsets : tags.stripOffsets),
      tileBytes: this.#numbers(entries, tiled ? tags.tileByteCounts : tags.stripByteCounts),
      description: this.#text(entries, tags.description),
    };
    const tiles = Math.ceil(width / page.tileWidth) * Math.ceil(height / page.tileHeight) *
      (page.separate ? samples : 1);
    const found = Math.min(page.tileOffsets.length, page.tileBytes.length);
    if (found !== tiles) {
      throw new RangeError(
        `Cannot read ${this.path}: page has ${found} strips or tiles, expected ${tiles}`,
      );
    }
    return page;
  }

  number(entries: ReadonlyMap<number, Entry>, tag: number, absent?: number): number {
    if (absent !== undefined && !entries.has(tag)) return absent;
    return this.#numbers(entries, tag)[0];
  }

  #numbers(entries: ReadonlyMap<number, Entry>, tag: number): number[] {
    const entry = entries.get(tag);
    const bytes = valueBytes[entry?.type ?? 0];
    if (!entry || !bytes || entry.count < 1) {
      throw new RangeError(
        `Cannot read ${this.path}: page has no usable field ${tag}, expected numbers`,
      );
    }
    requireBytes(this.view.byteLength, entry.offset + bytes * entry.count, this.path);
    return Array.from(
      { length: entry.count },
      (_, i) => this.#read(entry.offset + i * bytes, bytes),
    );
  }

  #text(entries: ReadonlyMap<number, Entry>, tag: number): string {
    return new TextDecoder().decode(this.#bytes(entries, tag));
  }

  /** The bytes of a field; empty if it is missing. */
  #bytes(entries: ReadonlyMap<number, Entry>, tag: number): Uint8Array {
    const entry = entries.get(tag);
    if (!entry) return new Uint8Array();
    requireBytes(this.view.byteLength, entry.offset + entry.count, this.path);
    const start = this.view.byteOffset + entry.offset;
    return new Uint8Array(this.view.buffer, start, entry.count);
  }

  /** The type of all samples; undefined for single bits. */
  #sampleType(entries: ReadonlyMap<number, Entry>): VoxelType | undefined {
    const bits = entries.has(tiffTags.bitsPerSample)
      ? this.#numbers(entries, tiffTags.bitsPerSample)
      : [1];
    const formats = entries.has(tiffTags.sampleFormat)
      ? this.#numbers(entries, tiffTags.sampleFormat)
      : [1];
    const kind = { 1: "uint", 2: "int", 3: "float", 4: "uint" }[formats[0]];
    const uniform = new Set(bits).size === 1 && new Set(formats).size === 1;
    if (uniform && bits[0] === 1 && kind === "uint") return undefined;
    const type = Object.values(voxelTypes).find(({ name }) => name === `${kind}${bits[0]}`);
    if (uniform && type) return type;
    throw new TypeError(
      `Cannot read ${this.path}: samples have ${nameSome(bits.map(String))} bits of format ` +
        `${
          nameSome(formats.map(String))
        }, expected all to be integers of 1, 8, 16, 32 or 64 bits (1, 2) ` +
        "or floats of 16, 32 or 64 (3)",
    );
  }

  /** Reads an unsigned integer of `bytes` bytes. */
  #read(offset: number, bytes: number): number {
    requireBytes(this.view.byteLength, offset + bytes, this.path);
    if (bytes === 1) return this.view.getUint8(offset);
    if (bytes === 2) return this.view.getUint16(offset, this.littleEndian);
    if (bytes === 4) return this.view.getUint32(offset, this.littleEndian);
    return Number(this.view.getBigUint64(offset, this.littleEndian));
  }
}
