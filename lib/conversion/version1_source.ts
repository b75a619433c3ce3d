/** Reads tasks in the layout of the Medical Segmentation Decathlon or of nnU-Net v1. */

import { join } from "../platform/paths.ts";
import { splitChannelSuffix } from "../dataset/channels.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { isVersion1, parseDatasetJson } from "../files/dataset_json.ts";
import { fileEndingV1 } from "../files/dataset_json_v1.ts";
import { requireFolder } from "../files/require_folder.ts";
import { fileNames } from "../files/paths.ts";
import { readJson } from "../platform/read_text.ts";
import { type ProgressOptions, progressOptions } from "../dataset/find_labels.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { readScanFolder } from "../image/scan_folder.ts";
import type { KnownOptions } from "../options/require_known.ts";
import { ErrorWithRemedy, type Remedy } from "../options/error_with_remedy.ts";
import { fileInfo } from "../platform/files.ts";

/** A task's `dataset.json`. */
export interface TaskJson {
  /** Content as in the file. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly json: DatasetJson;
}

/**
 * Reads a task's `dataset.json` after checking that the task is complete.
 *
 * @param children Required subfolders.
 * @throws {Error} If files or subfolders are missing, or `dataset.json` cannot be read.
 * @throws {TypeError} If `dataset.json` is not of version 1.
 */
export async function readTaskJson(folder: string, children: readonly string[]): Promise<TaskJson> {
  await requireFolder(folder, "convert");
  const missing: string[] = [];
  for (const child of [fileNames.dataset, ...children]) {
    const found = await fileInfo(join(folder, child)).catch(() => undefined);
    if (!found || found.isDirectory === (child === fileNames.dataset)) missing.push(child);
  }
  if (missing.length > 0) {
    throw new Error(`Cannot convert ${folder}: found no ${missing.join(", ")}, which are required`);
  }
  const path = join(folder, fileNames.dataset);
  const content = await readJson(path);
  const json = parseDatasetJson(content, path);
  if (!isVersion1(content)) {
    throw new TypeError(`Cannot convert ${folder}: dataset.json is already of version 2`);
  }
  return { content, json };
}

/** How to observe and abort a conversion. */
export interface ConversionOptions extends ProgressOptions {
  /** Called with the files of the task's folders that are not taken, and why, if there are any. */
  readonly onIgnored?: (ignored: readonly IgnoredFile[]) => void;
}

/** Option names of {@link ConversionOptions}. */
export const conversionOptions: KnownOptions<ConversionOptions> = {
  ...progressOptions,
  onIgnored: true,
};

/** The scans or label maps of a task's folders, by folder. */
export interface TaskScans<Child extends string> {
  /** Sorted names of the `.nii.gz` files, except companion files of macOS. */
  readonly scans: Readonly<Record<Child, readonly string[]>>;
  /** Everything else; paths begin with the subfolder. */
  readonly ignored: readonly IgnoredFile[];
}

/** Lists the `.nii.gz` files in some of a task's folders. */
export async function listScans<Child extends string>(
  source: string,
  children: readonly Child[],
): Promise<TaskScans<Child>> {
  const scans = {} as Record<Child, string[]>;
  const ignored: IgnoredFile[] = [];
  for (const child of children) {
    const found = await readScanFolder(join(source, child));
    const isTaken = (name: string) => name.endsWith(fileEndingV1) && !name.startsWith("_");
    scans[child] = found.scans.filter(isTaken);
    const others = found.scans.filter((name) => !isTaken(name))
      .map((path) => ({ path, reason: `expected a scan CASE${fileEndingV1}` }));
    for (const { path, reason } of [...found.ignored, ...others]) {
      ignored.push({ path: `${child}/${path}`, reason });
    }
  }
  return { scans, ignored };
}

/** Returns a file's name without its ending. */
export function stemOf(file: string): string {
  return file.slice(0, -fileEndingV1.length);
}

/**
 * Checks that every image has a label map and every label map an image.
 *
 * @param options.numbered Whether images have channel numbers, as in version 1.
 * @param options.otherwise The remedy if the files match with the opposite of `numbered`.
 * @throws {ErrorWithRemedy} If files have no counterpart; the message lists them all.
 */
export function requirePairs(
  folder: string,
  images: readonly string[],
  labels: readonly string[],
  { numbered, otherwise }: { readonly numbered: boolean; readonly otherwise: Remedy },
): void {
  const unmatched = unpaired(images, labels, numbered);
  if (unmatched.length === 0) return;
  throw new ErrorWithRemedy(
    `Cannot convert ${folder}: found ${
      unmatched.join(", ")
    } alone, expected an image and a label map for each case`,
    unpaired(images, labels, !numbered).length === 0 ? otherwise : undefined,
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
