/** Opens NIfTI files: reads the header and unpacks the bytes on demand. */

import { gunzipStart } from "../../platform/zlib.ts";
import { fileNameOf, unreadable } from "../detached_data.ts";
import { cutShort, requireBytes } from "../file_content.ts";
import { isGzip, maximalUnpackedBytes, unpackPieces } from "../gzip.ts";
import { type NiftiHeader, readNiftiHeader } from "./nifti_header.ts";
import type { ImageSource } from "../image_source.ts";
import type { GridConvention } from "../reader.ts";
import { partOf, type Pieces } from "../pieces.ts";
import { reasonOf } from "../../options/reason_of.ts";

/** Bytes read from the beginning; even packed, a header of some hundred bytes takes fewer. */
const BEGINNING_BYTES = 4096;

/** A NIfTI file whose header has been read. */
export interface NiftiFile {
  readonly header: NiftiHeader;
  /**
   * The unpacked bytes of a range; can be iterated once.
   *
   * @throws {RangeError} If the file has fewer than `end` bytes.
   * @throws {Error} If gzip data is damaged or truncated.
   */
  readonly bytes: (begin: number, end: number) => Pieces;
}

/**
 * Opens a NIfTI file. Compression is recognised by the file's first bytes, not by its name.
 *
 * @throws {TypeError} If the file is not NIfTI or does not store real numbers.
 * @throws {RangeError} If the file is shorter than its header says, or sizes are invalid.
 * @throws {Error} If the file cannot be opened, or its gzip data is damaged.
 */
export async function openNifti(
  source: ImageSource,
  convention: GridConvention,
): Promise<NiftiFile> {
  const { path } = source;
  const { header, size, packed } = await readHeader(source, convention, true);
  if (packed) requireRoom(header, size, path);
  else requireBytes(size, header.fileBytes, path);
  const whole = () => packed ? unpackFile(source, size) : source.pieces();
  return {
    header,
    bytes: (begin, end) => partOf(whole(), begin, end, (found) => cutShort(found, end, path)),
  };
}

/**
 * Opens a pair of NIfTI or Analyze files. The voxels are compressed if their file ends in `.gz`:
 * their first bytes may be any.
 *
 * @param source The `.hdr` file.
 * @throws As {@link openNifti} does.
 */
export async function openNiftiPair(
  source: ImageSource,
  convention: GridConvention,
): Promise<NiftiFile> {
  const header = await readPairHeader(source, convention);
  const { data, size } = await openData(source);
  const packed = /\.gz$/i.test(data.path);
  if (packed) requireRoom(header, size, data.path);
  else requireBytes(size, header.fileBytes, data.path);
  const whole = () => packed ? unpackFile(data, size) : data.pieces();
  return {
    header,
    bytes: (begin, end) => partOf(whole(), begin, end, (found) => cutShort(found, end, data.path)),
  };
}

/** The possible names of the voxels' file of a pair; upper case stays upper case. */
export function pairedNames(path: string): readonly [plain: string, packed: string] {
  const name = fileNameOf(path);
  const stem = name.slice(0, -".hdr".length);
  return name.endsWith(".HDR")
    ? [`${stem}.IMG`, `${stem}.IMG.GZ`]
    : [`${stem}.img`, `${stem}.img.gz`];
}

/** @throws {Error} If there is none of the files; the message is about the uncompressed one. */
async function openData(source: ImageSource) {
  const [plain, packed] = pairedNames(source.path);
  const attempts = [plain, packed].map(async (name) => {
    const data = source.sibling(name);
    return { data, size: (await data.readStart(0)).size };
  }); // A source in memory has only one of them, too.
  const [first, second] = await Promise.allSettled(attempts);
  if (first.status === "fulfilled") return first.value;
  if (second.status === "fulfilled") return second.value;
  throw unreadable(source.path, plain, first.reason);
}

/**
 * Reads only the header of a NIfTI file.
 *
 * @throws As {@link openNifti} does.
 */
export async function readHeaderOf(
  source: ImageSource,
  convention: GridConvention,
): Promise<NiftiHeader> {
  if (/\.hdr$/i.test(source.path)) return await readPairHeader(source, convention);
  return (await readHeader(source, convention, false)).header;
}

async function readPairHeader(
  source: ImageSource,
  convention: GridConvention,
): Promise<NiftiHeader> {
  const { start } = await source.readStart(BEGINNING_BYTES);
  return readNiftiHeader(start, source.path, convention, "pair");
}

/** @param whole Whether gzip data of a file that was read to its end must be complete. */
async function readHeader(source: ImageSource, convention: GridConvention, whole: boolean) {
  const { path } = source;
  const { start, size } = await source.readStart(BEGINNING_BYTES);
  const packed = isGzip(start);
  const isCut = !whole || start.length < size;
  const content = packed ? unpackBeginning(start, isCut, size, path) : start;
  return { header: readNiftiHeader(content, path, convention), size, packed };
}

function unpackBeginning(
  beginning: Uint8Array,
  isCut: boolean,
  size: number,
  path: string,
): Uint8Array<ArrayBuffer> {
  try {
    return gunzipStart(beginning, !isCut);
  } catch (cause) {
    throw damaged(size, path, cause);
  }
}

async function* unpackFile(source: ImageSource, size: number) {
  try {
    yield* unpackPieces(source.pieces());
  } catch (cause) {
    throw damaged(size, source.path, cause);
  }
}

function damaged(size: number, path: string, cause: unknown) {
  return new Error(
    `Cannot read ${path}: its ${size} bytes of gzip are damaged or truncated ` +
      `(${reasonOf(cause)}), expected intact data`,
    { cause },
  );
}

function requireRoom({ fileBytes }: NiftiHeader, size: number, path: string) {
  const limit = maximalUnpackedBytes(size);
  if (fileBytes <= limit) return;
  throw new RangeError(
    `Cannot read ${path}: its header needs ${fileBytes} bytes, ` +
      `expected at most the ${limit} that ${size} bytes of gzip can hold`,
  );
}
