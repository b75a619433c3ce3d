/** Size and spacing of a scan, read without its voxels where the format allows. */

import type { Image } from "./image.ts";
import { readHeaderOf } from "./nifti_file.ts";
import { readImage } from "./registry.ts";

/**
 * Reads where a file's voxels lie and how many channels it has. Of NIfTI files the header is read,
 * of others everything.
 *
 * @throws {TypeError | RangeError} If the file is not what its ending says.
 * @throws {Error} If it cannot be read.
 */
export async function readGrid(path: string): Promise<Pick<Image, "geometry" | "channels">> {
  return /\.nii(\.gz)?$/i.test(path) ? await readHeaderOf(path) : await readImage([path]);
}
