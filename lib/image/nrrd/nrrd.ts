/**
 * Decodes and encodes NRRD files: `.nrrd` with header and voxels in one file, and `.nhdr` with the
 * voxels in other files.
 */

import { joinBytes } from "../../array/join_bytes.ts";
import { sizeOf } from "../../array/nd_array.ts";
import { fileNameOf, joinFiles, namedFiles } from "../detached_data.ts";
import {
  requireBytes,
  storedLabels,
  storedScan,
  type StoredVoxels,
  unpackVoxels,
} from "../file_content.ts";
import type { DetachedFiles, ImageFormat } from "../format.ts";
import { gzip } from "../gzip.ts";
import type { Geometry } from "../image.ts";
import type { ImageSource } from "../image_source.ts";
import { itkGridOf } from "../itk_grid.ts";
import {
  longestHeaderBytes,
  type NrrdHeader,
  nrrdTypeName,
  readNrrdHeader,
  skipLines,
} from "./nrrd_header.ts";
import { readNumbers, typeOfText } from "./nrrd_text.ts";
import { piecesOf } from "../pieces.ts";
import { decodeImage, type StoredImage } from "../stored_image.ts";
import { plainEncoding } from "../voxels.ts";

/**
 * The NRRD format.
 *
 * A fourth axis becomes channels, and so does a non-spatial axis, such as that of several numbers
 * per voxel; channels are written along a fourth axis. Either ending may have the voxels in other
 * files: one, a numbered series or a list, with one slice per file.
 *
 * @see https://teem.sourceforge.net/nrrd/format.html
 */
export const nrrd: ImageFormat = {
  name: "NRRD",
  endings: [".nrrd"],
  dataFiles: dataFilesOf,
  decode: async (source) => decodeImage(await decodeNrrd(source)),
  decodeStored: decodeNrrd,
  encodeImage: ({ geometry, channels, data }) => encode(geometry, channels, storedScan(data), 1),
  encodeSegmentation: ({ geometry, data }) => encode(geometry, 1, storedLabels(data), 6),
};

/** The NRRD format with the voxels in another file, `.raw.gz` when written. */
export const nhdr: ImageFormat = {
  ...nrrd,
  name: "NRRD header",
  endings: [".nhdr"],
  datasetEnding: ".nrrd",
  encodeImage: ({ geometry, channels, data }, path) =>
    encodeDetached(geometry, channels, storedScan(data), 1, path),
  encodeSegmentation: ({ geometry, data }, path) =>
    encodeDetached(geometry, 1, storedLabels(data), 6, path),
};

function dataFilesOf(source: ImageSource): Promise<readonly string[]> {
  return namedFiles(
    source,
    longestHeaderBytes,
    (content, path) => readNrrdHeader(content, path).files,
  );
}

async function decodeNrrd(source: ImageSource): Promise<StoredImage> {
  const { path } = source;
  const file = await source.readAll();
  const header = readNrrdHeader(file, path);
  const { geometry, channels, interleaved, littleEndian, files, headerBytes } = header;
  const count = channels * sizeOf(geometry.shape);
  const type = header.encoding === "text" ? typeOfText(header.type) : header.type;
  const bytes = files
    ? await joinFiles(
      source,
      files,
      (content, name) => voxelsOf(content, 0, header, count / files.length, name),
    )
    : await voxelsOf(file, headerBytes, header, count, path);
  const encoding = {
    ...plainEncoding(type),
    littleEndian: littleEndian || header.encoding === "text",
  };
  return { geometry, channels, interleaved, voxels: piecesOf(bytes), encoding };
}

/** The voxels in a file, which begin at or after an offset. */
async function voxelsOf(
  file: Uint8Array<ArrayBuffer>,
  begin: number,
  { encoding, type, skippedLines, skippedBytes, fromEnd }: NrrdHeader,
  count: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const stored = file.subarray(skipLines(file, begin, skippedLines, path));
  if (encoding === "text") {
    return readNumbers(stored.subarray(skippedBytes), count, type, path).bytes;
  }
  const expected = count * type.bytes;
  const content = encoding === "gzip"
    ? await unpackVoxels(stored, skippedBytes + expected, path)
    : stored;
  requireBytes(content.length, skippedBytes + expected, path);
  const start = fromEnd ? content.length - expected : skippedBytes;
  return content.subarray(start, start + expected);
}

async function encode(
  geometry: Geometry,
  channels: number,
  stored: StoredVoxels,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await gzip(stored.bytes, level);
  return joinBytes([headerOf(geometry, channels, stored), packed]);
}

async function encodeDetached(
  geometry: Geometry,
  channels: number,
  stored: StoredVoxels,
  level: number,
  path: string,
): Promise<DetachedFiles> {
  const data = await gzip(stored.bytes, level);
  const dataName = fileNameOf(path).replace(/\.nhdr$/i, "") + ".raw.gz";
  return { header: headerOf(geometry, channels, stored, dataName), dataName, data };
}

function headerOf(
  geometry: Geometry,
  channels: number,
  { type }: StoredVoxels,
  dataName?: string,
): Uint8Array<ArrayBuffer> {
  const { size, spacing, origin, direction } = itkGridOf(geometry, channels);
  const axes = size.length;
  const vector = (values: readonly number[]) => `(${values.join(",")})`;
  const directions = size.map((_, axis) =>
    vector(size.map((_, row) => direction[row * axes + axis] * spacing[axis]))
  );
  const header = [
    "NRRD0004",
    `type: ${nrrdTypeName(type)}`,
    `dimension: ${axes}`,
    // NRRD's named spaces have three axes.
    axes === 3 ? "space: left-posterior-superior" : `space dimension: ${axes}`,
    `sizes: ${size.join(" ")}`,
    `space directions: ${directions.join(" ")}`,
    `kinds: ${size.map(() => "domain").join(" ")}`,
    "endian: little",
    "encoding: gzip",
    `space origin: ${vector(origin)}`,
    ...dataName === undefined ? [] : [`data file: ${dataName}`],
    "",
    "",
  ].join("\n");
  return new TextEncoder().encode(header);
}
