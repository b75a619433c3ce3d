/** Reads the pixels of a TIFF page as float32: unpacks its tiles and assembles them. */

import { requireBytes } from "../file_content.ts";
import { piecesOf } from "../pieces.ts";
import type { TiffPage } from "./tiff_directory.ts";
import { jpegCode, jpegRatio, unpackJpeg } from "./tiff_jpeg.ts";
import { packings } from "./tiff_packing.ts";
import { joinFloats, sumDifferences } from "./tiff_predictors.ts";
import { decodeVoxels, plainEncoding, separateChannels, swapBytes, voxelTypes } from "../voxels.ts";
import { reasonOf } from "../../options/reason_of.ts";

/**
 * Rejects pages too large for the file before memory is allocated for them.
 *
 * @throws {TypeError} If the compression is unknown.
 * @throws {RangeError} If the pixels need more bytes than the file's can unpack to.
 */
export function requirePossible(pages: readonly TiffPage[], fileBytes: number, path: string) {
  let needed = 0;
  for (const { width, height, samples, type, packing } of pages) {
    const ratio = packing === jpegCode ? jpegRatio : packings.get(packing)?.maximalRatio;
    if (packing === jpegCode && type !== voxelTypes.uint8) {
      throw new TypeError(
        `Cannot read ${path}: pixels of ${type?.name ?? "bits"} are packed as JPEG, expected uint8`,
      );
    }
    if (ratio === undefined) {
      throw new TypeError(
        `Cannot read ${path}: compression is ${packing}, ` +
          "expected 1 (none), 5 (LZW), 7 (JPEG), 8 (deflate), 32773 (PackBits) or 50000 (Zstandard)",
      );
    }
    needed += height * Math.ceil(width * samples * (type?.bytes ?? 1 / 8)) / ratio;
  }
  requireBytes(fileBytes, Math.ceil(needed), path);
}

/**
 * Reads the values of a page that {@link requirePossible} has accepted.
 *
 * @returns (c, y, x) in C order.
 * @throws {RangeError} If a tile is outside the file or has too few bytes.
 * @throws {Error} If packed data are damaged.
 */
export async function readTiffPage(
  content: Uint8Array<ArrayBuffer>,
  page: TiffPage,
  littleEndian: boolean,
  path: string,
): Promise<Float32Array<ArrayBuffer>> {
  const { width, height, samples, separate } = page;
  const planes = separate ? samples : 1;
  const adjacent = samples / planes;
  const type = page.type ?? voxelTypes.uint8; // Single bits are expanded to one byte each.
  const rowBytes = width * adjacent * type.bytes;
  const pixels = new Uint8Array(planes * height * rowBytes);
  const [across, down] = [Math.ceil(width / page.tileWidth), Math.ceil(height / page.tileHeight)];
  for (let tile = 0; tile < page.tileOffsets.length; tile++) {
    const plane = Math.floor(tile / (across * down));
    const top = Math.floor(tile / across) % down * page.tileHeight;
    const left = tile % across * page.tileWidth;
    const rows = Math.min(page.tileHeight, height - top);
    const columns = Math.min(page.tileWidth, width - left);
    const numbers = await readTile(content, page, tile, { rows, adjacent, littleEndian, path });
    const tileRowBytes = page.tileWidth * adjacent * type.bytes;
    for (let row = 0; row < rows; row++) {
      const start = row * tileRowBytes;
      const line = numbers.subarray(start, start + columns * adjacent * type.bytes);
      const target = (plane * height + top + row) * rowBytes + left * adjacent * type.bytes;
      pixels.set(line, target);
    }
  }
  const count = samples * width * height;
  const values = await decodeVoxels(piecesOf(pixels), count, plainEncoding(type));
  return separate ? values : separateChannels(values, samples);
}

interface TileOptions {
  /** Rows of the tile that are on the page. */
  readonly rows: number;
  /** Adjacent samples per pixel. */
  readonly adjacent: number;
  readonly littleEndian: boolean;
  readonly path: string;
}

/** Reads one tile's numbers as little-endian bytes, row by row, with the predictor undone. */
async function readTile(
  content: Uint8Array<ArrayBuffer>,
  page: TiffPage,
  tile: number,
  { rows, adjacent, littleEndian, path }: TileOptions,
): Promise<Uint8Array> {
  const { tileWidth, tileHeight, type, packing } = page;
  const [offset, byteCount] = [page.tileOffsets[tile], page.tileBytes[tile]];
  requireBytes(content.length, offset + byteCount, path);
  const packed = content.subarray(offset, offset + byteCount);
  const rowBytes = Math.ceil(tileWidth * adjacent * (type?.bytes ?? 1 / 8));
  // The rows of a tile beyond the page may be missing.
  const needed = rowBytes * rows;
  let unpacked: Uint8Array;
  try {
    unpacked = packing === jpegCode
      ? await unpackJpeg(packed, page, { columns: tileWidth, rows, samples: adjacent })
      : unpackBytes(packed, packing, rowBytes * tileHeight);
  } catch (cause) {
    throw new Error(
      `Cannot read ${path}: packed pixels are damaged (${reasonOf(cause)}), ` +
        "expected intact data",
      { cause },
    );
  }
  requireBytes(unpacked.length, needed, path);
  if (!type) return spreadBits(unpacked, tileWidth * adjacent, rows);

  const numbers = unpacked.slice(0, needed);
  const layout = { type, columns: tileWidth, adjacent, path };
  if (page.predictor === 3) return joinFloats(numbers, layout);
  if (!littleEndian) swapBytes(numbers, type.bytes);
  if (page.predictor === 2) sumDifferences(numbers, layout);
  return numbers;
}

/** Unpacks at most `length` bytes. */
function unpackBytes(packed: Uint8Array, packing: number, length: number): Uint8Array {
  const { unpack, maximalRatio } = packings.get(packing)!;
  return unpack(packed, Math.min(length, packed.length * maximalRatio));
}

/**
 * Expands single bits to one byte each. The high bit comes first; each row begins with a new byte.
 */
function spreadBits(bits: Uint8Array, columns: number, rows: number): Uint8Array {
  const rowBytes = Math.ceil(columns / 8);
  return Uint8Array.from({ length: columns * rows }, (_, i) => {
    const column = i % columns;
    const byte = bits[Math.floor(i / columns) * rowBytes + (column >> 3)];
    return (byte >> (7 - column % 8)) & 1;
  });
}
