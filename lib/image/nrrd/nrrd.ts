/** Decodes and encodes NRRD files with header and voxels in one file, `.nrrd`. */

import { sizeOf } from "../../array/nd_array.ts";
import {
  joinBytes,
  requireBytes,
  storedLabels,
  storedScan,
  type StoredVoxels,
  unpackVoxels,
} from "../file_content.ts";
import type { ImageFormat } from "../format.ts";
import { gzip } from "../gzip.ts";
import type { Geometry } from "../image.ts";
import type { ImageSource } from "../image_source.ts";
import { itkGridOf } from "../itk_grid.ts";
import { nrrdTypeName, readNrrdHeader } from "./nrrd_header.ts";
import { readNumbers } from "./nrrd_text.ts";
import { piecesOf } from "../pieces.ts";
import { decodeImage, type StoredImage } from "../stored_image.ts";
import { plainEncoding } from "../voxels.ts";

/**
 * The NRRD format.
 *
 * A fourth axis becomes channels, and so does a non-spatial axis, such as that of several numbers
 * per voxel; channels are written along a fourth axis.
 *
 * @see https://teem.sourceforge.net/nrrd/format.html
 */
export const nrrd: ImageFormat = {
  name: "NRRD",
  endings: [".nrrd"],
  decode: async (source) => decodeImage(await decodeNrrd(source)),
  decodeStored: decodeNrrd,
  encodeImage: ({ geometry, channels, data }) => encode(geometry, channels, storedScan(data), 1),
  encodeSegmentation: ({ geometry, data }) => encode(geometry, 1, storedLabels(data), 6),
};

async function decodeNrrd(source: ImageSource): Promise<StoredImage> {
  const { path } = source;
  const file = await source.readAll();
  const header = readNrrdHeader(file, path);
  const { geometry, channels, interleaved, type, littleEndian, skippedBytes } = header;
  const count = channels * sizeOf(geometry.shape);
  const stored = file.subarray(header.voxelOffset);
  if (header.encoding === "text") {
    const numbers = readNumbers(stored.subarray(skippedBytes), count, type, path);
    const voxels = piecesOf(numbers.bytes);
    return { geometry, channels, interleaved, voxels, encoding: plainEncoding(numbers.type) };
  }
  const expected = count * type.bytes;
  const content = header.encoding === "gzip"
    ? await unpackVoxels(stored, skippedBytes + expected, path)
    : stored;
  requireBytes(content.length, skippedBytes + expected, path);
  const encoding = { ...plainEncoding(type), littleEndian };
  const begin = header.fromEnd ? content.length - expected : skippedBytes;
  const voxels = piecesOf(content.subarray(begin, begin + expected));
  return { geometry, channels, interleaved, voxels, encoding };
}

async function encode(
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
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
    "",
    "",
  ].join("\n");
  const packed = await gzip(bytes, level);
  return joinBytes(new TextEncoder().encode(header), packed);
}
