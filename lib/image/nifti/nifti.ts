/**
 * Decodes NIfTI files (`.nii` and `.nii.gz`, and pairs of `.hdr` and `.img`) of versions 1 and 2 and
 * encodes version 1. Also decodes the pairs of Analyze 7.5.
 */

import { joinBytes } from "../../array/join_bytes.ts";
import { storedLabels, storedScan, type StoredVoxels } from "../file_content.ts";
import type { DetachedFiles, ImageFormat } from "../format.ts";
import { gzip } from "../gzip.ts";
import type { Geometry } from "../image.ts";
import type { ImageSource } from "../image_source.ts";
import type { GridConvention } from "../reader.ts";
import { type NiftiFile, openNifti, openNiftiPair, pairedNames } from "./nifti_file.ts";
import { writeNiftiHeader } from "./nifti_header.ts";
import { decodeImage, type StoredImage } from "../stored_image.ts";

/**
 * The NIfTI format.
 *
 * A fourth axis becomes channels. A 2D image becomes a single slice, spaced as in nnU-Net. In NIfTI
 * x varies fastest, so its voxels already are (c, z, y, x) in C order. Files are packed with gzip if
 * their name ends in `.gz`, but compressed files are recognised by their content.
 */
export const nifti: ImageFormat = {
  name: "NIfTI",
  endings: [".nii.gz", ".nii"],
  decode: async (source, convention) => decodeImage(await decodeNifti(source, convention)),
  decodeStored: decodeNifti,
  // Noise hardly compresses: higher levels take many times as long and save a few percent.
  encodeImage: ({ geometry, channels, data }, path) =>
    encode(geometry, channels, storedScan(data), 1, path),
  encodeSegmentation: ({ geometry, data }, path) =>
    encode(geometry, 1, storedLabels(data), 6, path),
};

/**
 * Pairs of a header, `.hdr`, and voxels, `.img`, as NIfTI and Analyze 7.5 have them. Analyze stores no
 * orientation. Pairs are written as NIfTI.
 */
export const niftiPair: ImageFormat = {
  name: "NIfTI pair",
  endings: [".hdr"],
  datasetEnding: ".nii.gz",
  dataFiles: ({ path }) => Promise.resolve(pairedNames(path)),
  pairedNames,
  decode: async (source, convention) => decodeImage(await decodePair(source, convention)),
  decodeStored: decodePair,
  encodeImage: ({ geometry, channels, data }, path) =>
    encodePair(geometry, channels, storedScan(data), path),
  encodeSegmentation: ({ geometry, data }, path) =>
    encodePair(geometry, 1, storedLabels(data), path),
};

async function decodeNifti(
  source: ImageSource,
  convention: GridConvention,
): Promise<StoredImage> {
  return storedIn(await openNifti(source, convention));
}

async function decodePair(
  source: ImageSource,
  convention: GridConvention,
): Promise<StoredImage> {
  return storedIn(await openNiftiPair(source, convention));
}

function storedIn({ header, bytes }: NiftiFile): StoredImage {
  const { geometry, channels, encoding, voxelOffset, fileBytes } = header;
  return { geometry, channels, encoding, voxels: bytes(voxelOffset, fileBytes) };
}

async function encode(
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  gzipLevel: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = writeNiftiHeader(geometry, channels, type, path);
  const content = joinBytes([header, bytes]);
  return path.toLowerCase().endsWith(".gz") ? await gzip(content, gzipLevel) : content;
}

function encodePair(
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  path: string,
): DetachedFiles {
  const header = writeNiftiHeader(geometry, channels, type, path, "pair").slice(0, 348);
  return { header, dataName: pairedNames(path)[0], data: bytes };
}
