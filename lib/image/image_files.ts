/** Reads and writes image files in the format that their ending says. */

import { spacingPaths, writeSpacing } from "../files/spacing_file.ts";
import { fillFileAtomically, writeFileAtomically } from "../platform/atomic_write.ts";
import { exists, isFolder, removeIfPresent, rename, writeFile } from "../platform/files.ts";
import { basename, dirname, join } from "../platform/paths.ts";
import { decodeScan, decodeSegmentation } from "./decode_file.ts";
import { encodeSegmentation } from "./encode_file.ts";
import { findSlices, readDicomSeries } from "./dicom/dicom_folder.ts";
import type { ImageBytes, ImageFormat } from "./format.ts";
import { isPlanar } from "./geometry.ts";
import type { Geometry, Image, Segmentation } from "./image.ts";
import { joinChannels, requireSameGrid } from "./join_channels.ts";
import { fileSource } from "./read_file.ts";
import { readerOf } from "./reader.ts";
import { formatOf } from "./registry.ts";
import { imageAsStored, reorientImage } from "./reorient.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { requireImage } from "./require_image.ts";

/**
 * Lists the files to copy, and their targets, to copy an image under another name: the file itself
 * and the companion with its spacing or the files with its voxels, if any.
 *
 * @throws {TypeError} If the voxels are in other files, whose names the header has, and the copy has
 * another name.
 */
export async function filesToCopy(
  from: string,
  to: string,
): Promise<{ readonly from: string; readonly to: string }[]> {
  const spacing = await spacingFileOf(from);
  if (spacing) return [{ from: spacing, to: spacingPaths(to)[0] }, { from, to }];
  const data = await dataFilesOf(from);
  const { pairedNames } = formatOf(from, "read");
  if (pairedNames) {
    const [old, names] = [pairedNames(from), pairedNames(to)];
    const pairs = data.map((name) => ({
      from: join(dirname(from), name),
      to: join(dirname(to), names[old.indexOf(name)]),
    }));
    return [...pairs, { from, to }];
  }
  if (data.length > 0 && basename(from) !== basename(to)) {
    throw new TypeError(
      `Cannot copy ${from} to ${to}: its voxels are in other files, expected the same name`,
    );
  }
  const copies = data.map((name) => ({
    from: join(dirname(from), name),
    to: join(dirname(to), name),
  }));
  return [...copies, { from, to }];
}

/** Whether an image can be copied under another name: its header does not name other files. */
export async function isCopyable(path: string): Promise<boolean> {
  return formatOf(path, "read").pairedNames !== undefined ||
    (await dataFilesOf(path)).length === 0;
}

/**
 * Renames an image in its folder, and the file with its voxels if its name follows from the image's.
 * Other files stay, because they are found under the new name as well.
 *
 * @throws {Error} If a file cannot be renamed.
 */
export async function renameImage(from: string, to: string): Promise<void> {
  if (formatOf(from, "read").pairedNames) {
    for (const file of (await filesToCopy(from, to)).slice(0, -1)) await rename(file.from, file.to);
  }
  await rename(from, to);
}

/**
 * Lists every file that is read for an image: the file itself and the companion with its spacing or
 * the files with its voxels, if any, or a folder's slices in ascending order.
 *
 * @throws {TypeError} If no format has the file's ending.
 */
export async function filesOf(path: string): Promise<readonly string[]> {
  if (await isFolder(path)) return (await findSlices(path)).slices;
  const spacing = await spacingFileOf(path);
  if (spacing) return [path, spacing];
  return [path, ...(await dataFilesOf(path)).map((name) => join(dirname(path), name))];
}

/** The existing file in the image's folder that stores its spacing, if any. */
async function spacingFileOf(path: string): Promise<string | undefined> {
  if (!formatOf(path, "read").hasSpacingFile) return;
  for (const companion of spacingPaths(path)) {
    if (await exists(companion)) return companion;
  }
}

/** The existing files with an image's voxels, relative to its folder; none if the header has them. */
async function dataFilesOf(path: string): Promise<string[]> {
  const names = await formatOf(path, "read").dataFiles?.(fileSource(path)) ?? [];
  const present: string[] = [];
  for (const name of names) if (await exists(join(dirname(path), name))) present.push(name);
  return present;
}

/** How to read images. */
export interface ReadOptions {
  /**
   * Name of the reader of nnU-Net to read as, such as a plan's `imageReaderWriter`. By default it is
   * nnU-Net's own choice for the file's ending. Readers with reorientation return voxels whose x
   * points right, y to the front and z up; writing them restores the file's grid.
   */
  readonly reader?: string;
  /**
   * For folders of DICOM slices of several series, the number, description or identifier of the one to
   * read. Without it, several are an error that lists them.
   */
  readonly series?: string | number;
  /** Called with what may not be as intended, such as DICOM slices of a tilted gantry. */
  readonly onWarning?: (message: string) => void;
}

const readOptions: KnownOptions<ReadOptions> = { reader: true, series: true, onWarning: true };

/**
 * Reads the files of one case and concatenates their channels.
 *
 * The geometry is the first file's; origins and directions of the others may differ, as in nnU-Net.
 *
 * @param paths Files, or folders of DICOM slices, in channel order.
 * @param options The reader to read as.
 * @returns The scan, (c, z, y, x).
 * @throws {TypeError} If `paths` is empty, a file has an unknown ending or another format, or an
 * option is unknown.
 * @throws {RangeError} If shapes or spacings differ, a file is truncated, the reader is unknown, or it
 * cannot reorient a scan.
 * @throws {Error} If a file cannot be read.
 *
 * @example Write a scan and read it back
 * ```ts
 * import assert from "node:assert/strict";
 * import { imageFrom, readImage, writeImage } from "nnunet";
 *
 * const path = await Deno.makeTempFile({ suffix: ".nii.gz" });
 * const image = imageFrom(new Float32Array(8), { shape: [2, 2, 2], spacing: [3, 1, 1] });
 * await writeImage(path, image);
 * const twoChannels = await readImage([path, path]);
 * assert.equal(twoChannels.channels, 2);
 * assert.deepEqual(twoChannels.geometry.spacing, [3, 1, 1]);
 * await Deno.remove(path);
 * ```
 */
export async function readImage(
  paths: readonly string[],
  options: ReadOptions = {},
): Promise<Image> {
  requireKnown(options, readOptions, "read image");
  if (!Array.isArray(paths)) {
    throw new TypeError(
      `Cannot read image: paths is ${
        JSON.stringify(paths)
      }, expected a list with one path per file`,
    );
  }
  if (paths.length === 0) throw new TypeError("Cannot read image: found no files, expected one");
  const images: Image[] = [];
  for (const path of paths) {
    const reader = readerOf(options.reader, path);
    const image = await isFolder(path)
      ? reorientImage(await readDicomSeries(path, options), reader, path)
      : await decodeScan(fileSource(path), reader);
    requireSameGrid({ path: paths[0], image: images[0] ?? image }, { path, image });
    images.push(image);
  }
  return joinChannels(images);
}

/**
 * Reads a label map of any number type.
 *
 * @param path File to read; its ending determines the format.
 * @param options The reader to read as.
 * @returns The label map, (z, y, x), as uint8 if every label fits, otherwise as uint16.
 * @throws {TypeError} If the file has an unknown ending or another format, or an option is unknown.
 * @throws {RangeError} If the file has several channels or is truncated, a value is not an integer
 * from 0 to 65535, the reader is unknown, or it cannot reorient the label map.
 * @throws {Error} If the file cannot be read.
 *
 * @example Write a label map and read it back
 * ```ts
 * import assert from "node:assert/strict";
 * import { readSegmentation, segmentationFrom, writeSegmentation } from "nnunet";
 *
 * const path = await Deno.makeTempFile({ suffix: ".nrrd" });
 * const labels = Uint8Array.of(0, 1, 2, 1);
 * const segmentation = segmentationFrom(labels, { shape: [1, 2, 2], spacing: [3, 1, 1] });
 * await writeSegmentation(path, segmentation);
 * assert.deepEqual((await readSegmentation(path)).data, labels);
 * await Deno.remove(path);
 * ```
 */
export async function readSegmentation(
  path: string,
  options: ReadOptions = {},
): Promise<Segmentation> {
  requireKnown(options, readOptions, "read label map");
  return await decodeSegmentation(fileSource(path), readerOf(options.reader, path));
}

/**
 * Writes a scan atomically, so that an interrupted write leaves no partial file; of two files, such as
 * `.mhd` and `.zraw`, the header comes last. A scan that was
 * reoriented on reading is written on its file's grid.
 *
 * @param path File to write; its ending determines the format.
 * @param image The scan.
 * @throws {TypeError} If no format has the file's ending, its format stores only pictures, or the
 * image is incomplete.
 * @throws {RangeError} If its shape or spacing is invalid.
 * @throws {Error} If the file cannot be written.
 *
 * @example Write a scan as NIfTI
 * ```ts
 * import assert from "node:assert/strict";
 * import { imageFrom, readImage, writeImage } from "nnunet";
 *
 * const path = await Deno.makeTempFile({ suffix: ".nii.gz" });
 * const image = imageFrom(Float32Array.of(1, 2), { shape: [2, 1, 1], spacing: [3, 1, 1] });
 * await writeImage(path, image);
 * assert.deepEqual(await readImage([path]), image);
 * await Deno.remove(path);
 * ```
 */
export async function writeImage(path: string, image: Image): Promise<void> {
  const format = formatOf(path, "write");
  if (!format.encodeImage) {
    throw new TypeError(
      `Cannot write ${path}: ${format.name} stores only pictures, expected a format for scans`,
    );
  }
  requireImage(image, `write ${path}`);
  const stored = imageAsStored(image);
  await writeEncoded(path, format, stored.geometry, await format.encodeImage(stored, path));
}

/**
 * Writes a label map atomically, so that an interrupted write leaves no partial file. One that was
 * reoriented on reading, or predicted for such a scan, is written on the file's grid.
 *
 * @param path File to write; its ending determines the format.
 * @param segmentation The label map.
 * @throws {TypeError} If no format has the file's ending, or the label map is incomplete.
 * @throws {RangeError} If its shape or spacing is invalid, or it has several slices and the format
 * stores pictures.
 * @throws {Error} If the file cannot be written.
 *
 * @example Write a label map as a picture
 * ```ts
 * import assert from "node:assert/strict";
 * import { readSegmentation, segmentationFrom, writeSegmentation } from "nnunet";
 *
 * const path = await Deno.makeTempFile({ suffix: ".png" });
 * await writeSegmentation(
 *   path,
 *   segmentationFrom(Uint8Array.of(0, 1), { shape: [1, 2], spacing: [1, 1] }),
 * );
 * assert.deepEqual((await readSegmentation(path)).geometry.shape, [1, 1, 2]);
 * await Deno.remove(path);
 * ```
 */
export async function writeSegmentation(path: string, segmentation: Segmentation): Promise<void> {
  const { format, geometry, content } = await encodeSegmentation(path, segmentation);
  await writeEncoded(path, format, geometry, content);
}

async function writeEncoded(
  path: string,
  { hasSpacingFile }: ImageFormat,
  geometry: Geometry,
  content: ImageBytes,
) {
  if (hasSpacingFile && !isPlanar(geometry)) await writeSpacing(path, geometry.spacing);
  if (content instanceof Uint8Array) return await writeFileAtomically(path, content);
  const { header, dataName, data } = content;
  await fillFileAtomically(join(dirname(path), dataName), async (partial) => {
    await writeFile(partial, data);
    // An old header must not describe new voxels, should the process end between the two files.
    await removeIfPresent(path);
  }, data.length);
  await writeFileAtomically(path, header);
}
