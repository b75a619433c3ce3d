/** What is read of a task in the layout of the Medical Segmentation Decathlon or of version 1. */

import { join } from "../platform/paths.ts";
import { splitChannelSuffix } from "../dataset/cases.ts";
import { type DatasetJson, isVersion1, parseDatasetJson } from "../files/dataset_json.ts";
import { fileEndingV1 } from "../files/dataset_json_v1.ts";
import { fileNames } from "../files/paths.ts";
import { readJson } from "../files/read_json.ts";
import { listImages } from "../image/registry.ts";
import { fileInfo } from "../platform/files.ts";

/** A task's `dataset.json`. */
export interface TaskJson {
  /** As it stands in the file. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly json: DatasetJson;
}

/**
 * Reads a task's `dataset.json` after making sure that the task is whole.
 *
 * @param children Subfolders that it needs.
 * @throws {Error} Listing what is missing, or if `dataset.json` cannot be read.
 * @throws {TypeError} If it is not of version 1.
 */
export async function readTaskJson(folder: string, children: readonly string[]): Promise<TaskJson> {
  const missing: string[] = [];
  for (const child of [fileNames.dataset, ...children]) {
    const found = await fileInfo(join(folder, child)).catch(() => undefined);
    if (!found || found.isDirectory === (child === fileNames.dataset)) missing.push(child);
  }
  if (missing.length > 0) {
    throw new Error(`Cannot convert ${folder}: found no ${missing.join(", ")}, expected them all`);
  }
  const path = join(folder, fileNames.dataset);
  const content = await readJson(path);
  const json = parseDatasetJson(content, path);
  if (!isVersion1(content)) {
    throw new TypeError(`Cannot convert ${folder}: dataset.json is of version 2 already`);
  }
  return { content, json };
}

/** Names, in order, of a folder's `.nii.gz` files but for the companions that macOS leaves. */
export async function listScans(folder: string): Promise<string[]> {
  return (await listImages(folder))
    .filter((name) => name.endsWith(fileEndingV1) && !name.startsWith("_"));
}

/** A file's name without its ending. */
export function stemOf(file: string): string {
  return file.slice(0, -fileEndingV1.length);
}

/**
 * Makes sure that every image has a label map and every label map an image.
 *
 * @param options.numbered Whether images carry channel numbers, as version 1 has it.
 * @param options.otherwise What to do if they fit the other way.
 * @throws {Error} Listing the files that belong to no other.
 */
export function requirePairs(
  folder: string,
  images: readonly string[],
  labels: readonly string[],
  { numbered, otherwise }: { readonly numbered: boolean; readonly otherwise: string },
): void {
  const lonely = unpaired(images, labels, numbered);
  if (lonely.length === 0) return;
  const hint = unpaired(images, labels, !numbered).length === 0 ? `; ${otherwise}` : "";
  throw new Error(
    `Cannot convert ${folder}: found ${
      lonely.join(", ")
    } alone, expected an image and a label map of each case${hint}`,
  );
}

function unpaired(images: readonly string[], labels: readonly string[], numbered: boolean) {
  const imageCases = images.map((file) =>
    numbered ? splitChannelSuffix(stemOf(file))?.caseName : stemOf(file)
  );
  const labelCases = labels.map(stemOf);
  return [
    ...images.filter((_, i) => !labelCases.some((name) => name === imageCases[i]))
      .map((file) => `${fileNames.imagesTr}/${file}`),
    ...labels.filter((_, i) => !imageCases.includes(labelCases[i]))
      .map((file) => `${fileNames.labelsTr}/${file}`),
  ];
}
