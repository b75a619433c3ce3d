/**
 * Images by file name: the format is chosen by the file's ending.
 *
 * All are read by hand, with small libraries for headers. ITK compiled to WebAssembly
 * (`@itk-wasm/image-io` 1.6.1) reads them as well and starts in a quarter of a second, but it brings
 * 69 MB of packages, takes the memory that a header merely claims, throws bare numbers and prints
 * where a file is damaged, and gives a TIFF file cut short as one of fewer slices.
 */

import type { Labels } from "../array/labels.ts";
import { basename, join } from "../platform/paths.ts";
import { bmp } from "./bmp.ts";
import { isDicomSeries, listSliceFiles, readDicomSeries } from "./dicom_series.ts";
import { allClose } from "./geometry.ts";
import type { ImageFormat } from "./format.ts";
import type { Image, Segmentation } from "./image.ts";
import { mha } from "./mha.ts";
import { nifti } from "./nifti.ts";
import { nrrd } from "./nrrd.ts";
import { joinPieces } from "./pieces.ts";
import { png } from "./png.ts";
import { requireImage, requireSegmentation } from "./require_image.ts";
import { decodeImage, isPlainBytes } from "./stored_image.ts";
import { tiff } from "./tiff.ts";
import { sameShape, sizeOf } from "../array/nd_array.ts";
import { exists, listFolderIfPresent } from "../platform/files.ts";

/** Every format that is read and written. */
const imageFormats: readonly ImageFormat[] = [nifti, nrrd, mha, png, bmp, tiff];

/**
 * The known ending of a file name, as written there: `.nii.gz` of `la_003.nii.gz`.
 *
 * Nothing for names of other kinds, and for hidden files such as the `._` companions of macOS.
 */
export function imageEndingOf(fileName: string): string | undefined {
  const lower = fileName.toLowerCase();
  if (lower.startsWith(".")) return undefined;
  const ending = imageFormats.flatMap((format) => format.endings)
    .filter((candidate) => lower.endsWith(candidate))
    .sort((a, b) => b.length - a.length)[0]; // The longest, should one end with another.
  return ending && fileName.slice(-ending.length);
}

/** Names, in order, of the image files in a folder; none if it does not exist. */
export async function listImages(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of listFolderIfPresent(folder)) {
    if (!entry.isDirectory && imageEndingOf(entry.name)) names.push(entry.name);
  }
  return names.sort();
}

/** Names, in order, of a folder's image files and of its folders of DICOM slices. */
export async function listScans(folder: string): Promise<string[]> {
  const names = await listImages(folder);
  for await (const { name } of listFolderIfPresent(folder)) {
    if (!names.includes(name) && await isDicomSeries(join(folder, name))) names.push(name);
  }
  return names.sort();
}

/** Whether scans can be written to files of this ending, rather than pictures and label maps. */
export function holdsScans(ending: string): boolean {
  const format = imageFormats.find(({ endings }) => endings.includes(ending.toLowerCase()));
  return format?.writeImage !== undefined;
}

/**
 * What has to be copied, and to where, so that an image is found whole under another name: the file
 * itself and one that says its spacing.
 */
export async function filesToCopy(
  from: string,
  to: string,
): Promise<{ readonly from: string; readonly to: string }[]> {
  const companion = await companionOf(from);
  if (!companion) return [{ from, to }];
  return [{ from: companion, to: formatOf(from, "read").companions!(to)[0] }, { from, to }];
}

/**
 * Every file that is read for an image, in order: the file itself and one that says its spacing, or
 * a folder's slices.
 *
 * @throws {TypeError} If no format has the file's ending.
 */
export async function filesOf(path: string): Promise<string[]> {
  if (await isDicomSeries(path)) return listSliceFiles(path);
  const companion = await companionOf(path);
  return companion ? [path, companion] : [path];
}

/** The file beside an image that says its spacing, if there is one. */
async function companionOf(path: string): Promise<string | undefined> {
  for (const companion of formatOf(path, "read").companions?.(path) ?? []) {
    if (await exists(companion)) return companion;
  }
}

/**
 * Reads the files of one case; their channels follow one another in the order given.
 *
 * A path may be a folder of DICOM slices. The first file says where the voxels lie; origins and directions may differ, as in nnU-Net.
 *
 * @throws {TypeError} If there is no file or no format has its ending.
 * @throws {RangeError} If shapes or spacings differ.
 * @throws {Error} If a file cannot be read.
 */
export async function readImage(paths: readonly string[]): Promise<Image> {
  if (paths.length === 0) throw new TypeError("Cannot read image: found no files, expected one");
  const images: Image[] = [];
  for (const path of paths) {
    const image = await isDicomSeries(path)
      ? await readDicomSeries(path)
      : await formatOf(path, "read").read(path);
    requireSameGrid(images[0] ?? image, image, paths[0], path);
    images.push(image);
  }
  if (images.length === 1) return images[0];

  const data = new Float32Array(images.reduce((size, image) => size + image.data.length, 0));
  let offset = 0;
  for (const image of images) {
    data.set(image.data, offset);
    offset += image.data.length;
  }
  const channels = images.reduce((sum, image) => sum + image.channels, 0);
  return { geometry: images[0].geometry, channels, data };
}

/**
 * Reads a label map, stored in whatever number type.
 *
 * @throws {TypeError} If no format has the file's ending.
 * @throws {RangeError} If the file has several channels, or a value is no integer from 0 to 65535.
 * @throws {Error} If the file cannot be read.
 */
export async function readSegmentation(path: string): Promise<Segmentation> {
  const format = formatOf(path, "read");
  const stored = await format.readStored?.(path);
  if (stored && isPlainBytes(stored)) {
    const { geometry, voxels } = stored;
    return { geometry, data: await joinPieces(voxels, sizeOf(geometry.shape)) };
  }
  const { geometry, channels, data } = stored ? await decodeImage(stored) : await format.read(path);
  if (channels !== 1) {
    throw new RangeError(`Cannot read labels of ${path}: found ${channels} channels, expected 1`);
  }
  const narrow = new Uint8Array(data.length);
  if (storeIntegers(data, narrow) < 0) return { geometry, data: narrow };
  const wide = new Uint16Array(data.length);
  const deviant = storeIntegers(data, wide);
  if (deviant < 0) return { geometry, data: wide };
  throw new RangeError(
    `Cannot read labels of ${path}: found ${data[deviant]}, expected integers from 0 to 65535`,
  );
}

/** Index of the first value that is no integer of the target's type; −1 if all are. */
function storeIntegers(values: Float32Array, target: Labels): number {
  for (let i = 0; i < values.length; i++) {
    target[i] = values[i];
    if (target[i] !== values[i]) return i;
  }
  return -1;
}

/**
 * Writes a scan, whole or not at all.
 *
 * @param path File to write; its ending chooses the format.
 * @param image The scan.
 * @throws {TypeError} If no format has the file's ending, the one that has it holds pictures, or the
 * image is incomplete.
 * @throws {RangeError} If its shape or spacing is invalid.
 * @throws {Error} If the file cannot be written.
 */
export async function writeImage(path: string, image: Image): Promise<void> {
  const format = formatOf(path, "write");
  if (!format.writeImage) {
    throw new TypeError(
      `Cannot write ${path}: ${format.name} holds pictures, expected a format for scans`,
    );
  }
  requireImage(image, `write ${path}`);
  await format.writeImage(path, image);
}

/**
 * Writes a label map, whole or not at all.
 *
 * @param path File to write; its ending chooses the format.
 * @param segmentation The label map.
 * @throws {TypeError} If no format has the file's ending, or the label map is incomplete.
 * @throws {RangeError} If its shape or spacing is invalid, or it has several slices and the format
 * holds pictures.
 * @throws {Error} If the file cannot be written.
 */
export async function writeSegmentation(path: string, segmentation: Segmentation): Promise<void> {
  const format = formatOf(path, "write");
  requireSegmentation(segmentation, `write ${path}`);
  await format.writeSegmentation(path, segmentation);
}

function formatOf(path: string, action: "read" | "write"): ImageFormat {
  const ending = imageEndingOf(basename(path))?.toLowerCase();
  const format = imageFormats.find(({ endings }) => ending && endings.includes(ending));
  if (format) return format;
  const known = imageFormats.flatMap(({ endings }) => endings).join(", ");
  throw new TypeError(`Cannot ${action} ${path}: unknown file ending, expected one of ${known}`);
}

function requireSameGrid(first: Image, other: Image, firstPath: string, otherPath: string) {
  const [a, b] = [first.geometry, other.geometry];
  if (!sameShape(a.shape, b.shape)) {
    throw new RangeError(
      `Cannot read ${otherPath} as a channel beside ${firstPath}: ` +
        `shape is ${b.shape.join(" × ")}, expected ${a.shape.join(" × ")}`,
    );
  }
  if (!allClose(b.spacing, a.spacing)) {
    throw new RangeError(
      `Cannot read ${otherPath} as a channel beside ${firstPath}: ` +
        `spacing is ${b.spacing.join(" × ")} mm, expected ${a.spacing.join(" × ")} mm`,
    );
  }
}
