/** Reads a scan's geometry, without its voxels if the format allows it. */

import { isFolder } from "../platform/files.ts";
import { readDicomGrid } from "./dicom/dicom_folder.ts";
import type { Image } from "./image.ts";
import { readHeaderOf } from "./nifti/nifti_file.ts";
import { fileSource } from "./read_file.ts";
import { readImage, type ReadOptions } from "./image_files.ts";
import { readerOf } from "./reader.ts";
import { reorientGrid } from "./reorient.ts";

/**
 * Reads the geometry of a scan and its number of channels. Only the headers of NIfTI files and DICOM
 * slices are read; other files are read entirely.
 *
 * @param options The reader to read as.
 * @throws {TypeError | RangeError} If the file's content does not match its ending.
 * @throws {Error} If it cannot be read.
 */
export async function readGrid(
  path: string,
  options: ReadOptions = {},
): Promise<Pick<Image, "geometry" | "channels">> {
  if (await isFolder(path)) {
    const { geometry } = await readDicomGrid(path, options);
    return { geometry: reorientGrid(geometry, readerOf(options.reader, path), path), channels: 1 };
  }
  if (!/\.(nii(\.gz)?|hdr)$/i.test(path)) return await readImage([path], options);
  const reader = readerOf(options.reader, path);
  const { geometry, channels } = await readHeaderOf(fileSource(path), reader.convention);
  return { geometry: reorientGrid(geometry, reader, path), channels };
}
