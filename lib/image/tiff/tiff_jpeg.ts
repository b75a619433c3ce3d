/** Unpacks strips and tiles of TIFF files that are packed as JPEG, which share tables. */

import { joinBytes } from "../../array/join_bytes.ts";
import { decodePicture } from "../dicom/codecs.ts";
import { packedHeader } from "../dicom/packed_header.ts";

/** TIFF's code of JPEG; an older one, 6, was never well defined. */
export const jpegCode = 7;

/** Upper bound of the unpacked bytes per packed byte: six blocks take at least twelve bits. */
export const jpegRatio = 1024;

/** TIFF's codes of colours. */
const photometrics = { rgb: 2, yCbCr: 6 } as const;

/** JPEG's markers, after a byte of 0xff. */
const markers = { app0: 0xe0, app14: 0xee, begin: 0xd8, end: 0xd9, scan: 0xda } as const;

/** What a page says about its strips or tiles. */
export interface JpegPage {
  /** Tables for all of them, as a JPEG without a picture; empty if each has its own. */
  readonly jpegTables: Uint8Array;
  /** TIFF's code of how colours are stored. */
  readonly photometric: number;
}

/** The expected size of a strip or tile. */
export interface JpegSize {
  readonly columns: number;
  /** Rows that are needed; a tile may have more. */
  readonly rows: number;
  readonly samples: number;
}

/**
 * Unpacks a strip or tile.
 *
 * @returns (y, x, sample); colours are red, green and blue.
 * @throws {Error} If it is damaged or has another size.
 */
export async function unpackJpeg(
  packed: Uint8Array,
  page: JpegPage,
  { columns, rows, samples }: JpegSize,
): Promise<Uint8Array> {
  const bytes = withTables(packed, page, samples);
  const header = packedHeader(bytes, "JPEG");
  if (
    !header || header.bits !== 8 || header.columns !== columns || header.rows < rows ||
    header.samples !== samples
  ) {
    const found = header
      ? `${header.columns} × ${header.rows} pixels of ${header.samples} times ${header.bits} bits`
      : "no JPEG header";
    throw new Error(`found ${found}, expected ${columns} × ${rows} of ${samples} times 8`);
  }
  const { values } = await decodePicture(bytes, "JPEG", header);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A complete JPEG: the tables, then the picture, and what its colours are. */
function withTables(
  packed: Uint8Array,
  { jpegTables, photometric }: JpegPage,
  samples: number,
): Uint8Array {
  const picture = segmentsOf(packed);
  const isJfif = picture.some(({ marker }) => marker === markers.app0);
  const transform = photometric === photometrics.yCbCr
    ? 1
    : photometric === photometrics.rgb && !isJfif
    ? 0
    : undefined;
  const parts: Uint8Array[] = [Uint8Array.of(0xff, markers.begin)];
  // TIFF's field names the colour space, which the decoder reads from Adobe's segment.
  if (samples === 3 && transform !== undefined) {
    parts.push(Uint8Array.of(0xff, markers.app14, 0, 14, ...adobe, 0, 100, 0, 0, 0, 0, transform));
    picture.splice(0, picture.length, ...picture.filter(({ marker }) => marker !== markers.app14));
  }
  parts.push(...segmentsOf(jpegTables).map(({ bytes }) => bytes));
  parts.push(...picture.map(({ bytes }) => bytes));
  return joinBytes(parts);
}

const adobe = [..."Adobe"].map((letter) => letter.charCodeAt(0));

/** The segments between the beginning and the end of a JPEG; the last one has the scans. */
function segmentsOf(bytes: Uint8Array): { marker: number; bytes: Uint8Array }[] {
  const segments: { marker: number; bytes: Uint8Array }[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    if (marker === markers.end) break;
    const end = marker === markers.scan
      ? bytes.length
      : at + 2 + bytes[at + 2] * 256 + bytes[at + 3];
    segments.push({ marker, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return segments;
}
