/**
 * Decodes and encodes MetaImage files: `.mha` with header and voxels in one file, and `.mhd` with the
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
import { deflate } from "../gzip.ts";
import type { Geometry } from "../image.ts";
import type { ImageSource } from "../image_source.ts";
import { itkGridOf } from "../itk_grid.ts";
import { piecesOf } from "../pieces.ts";
import { decodeImage, type StoredImage } from "../stored_image.ts";
import { plainEncoding } from "../voxels.ts";
import {
  elementTypes,
  lastField,
  longestHeaderBytes,
  type MetaImageHeader,
  readMetaImageHeader,
  transpose,
} from "./metaimage_header.ts";

/**
 * The MetaImage format with header and voxels in one file.
 *
 * A fourth axis or several numbers per voxel become channels; channels are written along a fourth
 * axis. Either ending may have the voxels in other files: one, a numbered series or a list, with one
 * slice per file.
 *
 * @see https://github.com/Kitware/MetaIO/blob/master/doc/MetaIO-Doc.md
 */
export const mha: ImageFormat = {
  name: "MetaImage",
  endings: [".mha"],
  dataFiles: dataFilesOf,
  decode: async (source) => decodeImage(await decodeMetaImage(source)),
  decodeStored: decodeMetaImage,
  encodeImage: ({ geometry, channels, data }) => encode(geometry, channels, storedScan(data), 1),
  encodeSegmentation: ({ geometry, data }) => encode(geometry, 1, storedLabels(data), 6),
};

/** The MetaImage format with the voxels in another file, `.zraw` when written. */
export const mhd: ImageFormat = {
  ...mha,
  name: "MetaImage header",
  endings: [".mhd"],
  datasetEnding: ".mha",
  encodeImage: ({ geometry, channels, data }, path) =>
    encodeDetached(geometry, channels, storedScan(data), 1, path),
  encodeSegmentation: ({ geometry, data }, path) =>
    encodeDetached(geometry, 1, storedLabels(data), 6, path),
};

function dataFilesOf(source: ImageSource): Promise<readonly string[]> {
  return namedFiles(
    source,
    longestHeaderBytes,
    (content, path) => readMetaImageHeader(content, path).files,
  );
}

async function decodeMetaImage(source: ImageSource): Promise<StoredImage> {
  const content = await source.readAll();
  const header = readMetaImageHeader(content, source.path);
  const { geometry, channels, interleaved, type, littleEndian, files, headerBytes } = header;
  const expected = sizeOf(geometry.shape) * channels * type.bytes;
  const voxels = files
    ? await joinFiles(
      source,
      files,
      (file, path) => voxelsOf(file, header, expected / files.length, path),
    )
    : await voxelsOf(content.subarray(headerBytes), header, expected, source.path);
  return {
    geometry,
    channels,
    interleaved,
    voxels: piecesOf(voxels),
    encoding: { ...plainEncoding(type), littleEndian },
  };
}

/** The voxels in a file, or in the part of it that follows the header. */
async function voxelsOf(
  stored: Uint8Array<ArrayBuffer>,
  { compressed, skippedBytes }: MetaImageHeader,
  expected: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const begin = skippedBytes ?? Math.max(0, stored.length - expected);
  const rest = stored.subarray(begin);
  const content = compressed ? await unpackVoxels(rest, expected, path) : rest;
  requireBytes(content.length, expected, path);
  return content.subarray(0, expected);
}

async function encode(
  geometry: Geometry,
  channels: number,
  stored: StoredVoxels,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await deflate(stored.bytes, level);
  return joinBytes([headerOf(geometry, channels, stored, packed.length, "LOCAL"), packed]);
}

async function encodeDetached(
  geometry: Geometry,
  channels: number,
  stored: StoredVoxels,
  level: number,
  path: string,
): Promise<DetachedFiles> {
  const data = await deflate(stored.bytes, level);
  const dataName = fileNameOf(path).replace(/\.mhd$/i, "") + ".zraw";
  return { header: headerOf(geometry, channels, stored, data.length, dataName), dataName, data };
}

function headerOf(
  geometry: Geometry,
  channels: number,
  { type }: StoredVoxels,
  packedBytes: number,
  place: string,
): Uint8Array<ArrayBuffer> {
  const { size, spacing, origin, direction } = itkGridOf(geometry, channels);
  const elementType = [...elementTypes].find(([, candidate]) => candidate === type)![0];
  const header = [
    "ObjectType = Image",
    `NDims = ${size.length}`,
    "BinaryData = True",
    "BinaryDataByteOrderMSB = False",
    "CompressedData = True",
    `CompressedDataSize = ${packedBytes}`,
    `TransformMatrix = ${transpose(direction).join(" ")}`,
    `Offset = ${origin.join(" ")}`,
    `ElementSpacing = ${spacing.join(" ")}`,
    `DimSize = ${size.join(" ")}`,
    `ElementType = ${elementType}`,
    `${lastField} = ${place}`,
    "",
  ].join("\n");
  return new TextEncoder().encode(header);
}
