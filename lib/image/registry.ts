/**
 * Lists the image formats, which are recognised by the file's ending.
 *
 * All formats are implemented here, with small libraries for some headers. ITK compiled to
 * WebAssembly (`@itk-wasm/image-io` 1.6.1) reads them as well and starts in a quarter of a second,
 * but it has 69 MB of packages, allocates whatever a header claims, prints and throws bare numbers
 * for damaged files, and reads a truncated TIFF file as one with fewer slices.
 */

import { bmp } from "./bmp.ts";
import type { ImageFormat } from "./format.ts";
import { gipl } from "./gipl.ts";
import { mha, mhd } from "./metaimage/metaimage.ts";
import { nifti, niftiPair } from "./nifti/nifti.ts";
import { nhdr, nrrd } from "./nrrd/nrrd.ts";
import { png } from "./png.ts";
import { omeTiff } from "./tiff/ome_tiff.ts";
import { tiff } from "./tiff/tiff.ts";

/** All formats that are read and written. */
const imageFormats: readonly ImageFormat[] = [
  nifti,
  nrrd,
  mha,
  gipl,
  png,
  bmp,
  tiff,
  omeTiff,
  niftiPair,
  mhd,
  nhdr,
];

/** Headers to name instead of the files that have their voxels, by the endings of these. */
const headersOfData: Readonly<Record<string, string>> = {
  ".img": ".hdr",
  ".img.gz": ".hdr",
  ".raw": ".mhd or .nhdr",
  ".raw.gz": ".nhdr",
  ".zraw": ".mhd",
};

/**
 * Finds the image format's ending in a file name.
 *
 * @param fileName A file name without its folder.
 * @returns The ending as written, such as `.nii.gz`; undefined for other names and for hidden files
 * such as the `._` companions of macOS.
 *
 * @example Known, unknown and hidden files
 * ```ts
 * import assert from "node:assert/strict";
 * import { imageEndingOf } from "nnunet";
 *
 * assert.equal(imageEndingOf("la_003.nii.gz"), ".nii.gz");
 * assert.equal(imageEndingOf("readme.txt"), undefined);
 * assert.equal(imageEndingOf("._la_003.nii.gz"), undefined);
 * ```
 */
export function imageEndingOf(fileName: string): string | undefined {
  const lower = fileName.toLowerCase();
  if (lower.startsWith(".")) return undefined;
  const ending = imageFormats.flatMap((format) => format.endings)
    .filter((candidate) => lower.endsWith(candidate))
    .sort((a, b) => b.length - a.length)[0]; // The longest, should one end with another.
  return ending && fileName.slice(-ending.length);
}

/** Whether the format with this ending can store scans, not only pictures and label maps. */
export function holdsScans(ending: string): boolean {
  const format = imageFormats.find(({ endings }) => endings.includes(ending.toLowerCase()));
  return format?.encodeImage !== undefined;
}

/**
 * Returns the ending with which files of this ending become part of a data set: its own, or that of
 * a similar format that nnU-Net reads.
 *
 * @param ending An ending of one of the formats.
 * @returns The ending in lower case.
 */
export function datasetEndingOf(ending: string): string {
  const lower = ending.toLowerCase();
  return imageFormats.find(({ endings }) => endings.includes(lower))?.datasetEnding ?? lower;
}

/**
 * Returns the format of a file.
 *
 * @throws {TypeError} If no format has the file's ending.
 */
export function formatOf(path: string, action: "read" | "write"): ImageFormat {
  const ending = imageEndingOf(path.replace(/^.*[/\\]/s, ""))?.toLowerCase();
  const format = imageFormats.find(({ endings }) => ending && endings.includes(ending));
  if (format) return format;
  const data = Object.keys(headersOfData).find((one) => path.toLowerCase().endsWith(one));
  if (data) {
    throw new TypeError(
      `Cannot ${action} ${path}: it has the voxels of another file, expected that file, which ` +
        `ends in ${headersOfData[data]}`,
    );
  }
  const known = imageFormats.flatMap(({ endings }) => endings).join(", ");
  throw new TypeError(`Cannot ${action} ${path}: unknown file ending, expected one of ${known}`);
}
