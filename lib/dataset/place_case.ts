/** Copies a user's files to where a data set has them. */

import { basename, join } from "../platform/paths.ts";
import { sizeOf } from "../array/nd_array.ts";
import { channelFileName } from "../files/paths.ts";
import {
  filesToCopy,
  holdsScans,
  imageEndingOf,
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../image/registry.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { copyFile } from "../platform/files.ts";

/**
 * Copies images one file a channel, splitting a file that holds several. A picture in colours stays
 * one file, the first channel's, as nnU-Net has it. DICOM slices become one file.
 */
export async function placeImages(
  { name, images }: TestCase,
  folder: string,
  channels: number,
  fileEnding: string,
): Promise<void> {
  const target = (channel: number) => join(folder, channelFileName(name, channel, fileEnding));
  const sameFormat = images.every((path) => imageEndingOf(basename(path)) !== undefined);
  if (sameFormat && (images.length === channels || !holdsScans(fileEnding))) {
    for (const [channel, path] of images.entries()) await copyImage(path, target(channel));
    return;
  }
  const { geometry, data } = await readImage(images);
  const size = sizeOf(geometry.shape);
  for (let channel = 0; channel < channels; channel++) {
    const values = data.subarray(channel * size, (channel + 1) * size);
    await writeImage(target(channel), { geometry, channels: 1, data: values });
  }
}

/**
 * Copies a label map.
 *
 * @param replacements The label for each integer of the file, if any differs.
 */
export async function placeLabels(
  { name, label }: TrainingCase,
  folder: string,
  fileEnding: string,
  replacements?: ReadonlyMap<number, number>,
): Promise<void> {
  const target = join(folder, name + fileEnding);
  if (!replacements) return await copyImage(label, target);
  const { geometry, data } = await readSegmentation(label);
  const table = new Uint16Array(65536);
  for (const [from, to] of replacements) table[from] = to;
  await writeSegmentation(target, {
    geometry,
    data: new Uint16Array(data).map((old) => table[old]),
  });
}

async function copyImage(from: string, to: string) {
  for (const file of await filesToCopy(from, to)) await copyFile(file.from, file.to);
}
