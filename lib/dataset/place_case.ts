/** Copies a case's files into a data set. */

import { basename, join } from "../platform/paths.ts";
import { sizeOf } from "../array/nd_array.ts";
import { channelFileName } from "../files/paths.ts";
import {
  filesToCopy,
  isCopyable,
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../image/image_files.ts";
import type { Segmentation } from "../image/image.ts";
import { holdsScans, imageEndingOf } from "../image/registry.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { copyFile } from "../platform/files.ts";

/**
 * Copies a case's images as one file per channel; files with several channels are split. A colour
 * picture remains one file, with the first channel's name, as in nnU-Net. DICOM slices and files of
 * formats that nnU-Net does not read become one file.
 *
 * @param series The series to read from folders of DICOM slices with several.
 */
export async function placeImages(
  { name, images }: TestCase,
  folder: string,
  channels: number,
  fileEnding: string,
  series?: string | number,
): Promise<void> {
  const target = (channel: number) => join(folder, channelFileName(name, channel, fileEnding));
  const copyable = await Promise.all(images.map((path) => isCopyableAs(path, fileEnding)));
  const sameFormat = copyable.every((one) => one);
  if (sameFormat && (images.length === channels || !holdsScans(fileEnding))) {
    for (const [channel, path] of images.entries()) await copyImage(path, target(channel));
    return;
  }
  const { geometry, data } = await readImage(images, { series });
  const size = sizeOf(geometry.shape);
  for (let channel = 0; channel < channels; channel++) {
    const values = data.subarray(channel * size, (channel + 1) * size);
    await writeImage(target(channel), { geometry, channels: 1, data: values });
  }
}

/**
 * Copies a label map, converts it if it has another ending, or writes the one that structures make.
 *
 * @param readStructures Draws a case's structures.
 * @param replacements New label for each integer in the file; undefined if all stay the same.
 */
export async function placeLabels(
  one: TrainingCase,
  folder: string,
  fileEnding: string,
  readStructures: (one: TrainingCase) => Promise<Segmentation>,
  replacements?: ReadonlyMap<number, number>,
): Promise<void> {
  const { name, label, hasStructures } = one;
  const target = join(folder, name + fileEnding);
  const isCopied = !replacements && !hasStructures && await isCopyableAs(label, fileEnding);
  if (isCopied) return await copyImage(label, target);
  const segmentation = hasStructures ? await readStructures(one) : await readSegmentation(label);
  if (!replacements) return await writeSegmentation(target, segmentation);
  const { geometry, data } = segmentation;
  const table = new Uint16Array(65536);
  for (const [from, to] of replacements) table[from] = to;
  await writeSegmentation(target, {
    geometry,
    data: new Uint16Array(data).map((old) => table[old]),
  });
}

/** Whether a file of the data set's format can be copied as it is. */
async function isCopyableAs(path: string, fileEnding: string): Promise<boolean> {
  const ending = imageEndingOf(basename(path))?.toLowerCase();
  return ending === fileEnding.toLowerCase() && await isCopyable(path);
}

async function copyImage(from: string, to: string) {
  for (const file of await filesToCopy(from, to)) await copyFile(file.from, file.to);
}
