/** Reads a scan's geometry, without its voxels if the format allows it. */

import type { Image } from "./image.ts";
import { readHeaderOf } from "./nifti/nifti_file.ts";
import { fileSource } from "./read_file.ts";
import { readImage } from "./image_files.ts";

/**
 * Reads the geometry of a scan and its number of channels. Only the header of NIfTI files is read;
 * other files are read entirely.
 *
 * @throws {TypeError | RangeError} If the file's content does not match its ending.
 * @throws {Error} If it cannot be read.
 */
export async function readGrid(path: string): Promise<Pick<Image, "geometry" | "channels">> {
  return /\.nii(\.gz)?$/i.test(path)
    ? await readHeaderOf(fileSource(path))
    : await readImage([path]);
}
