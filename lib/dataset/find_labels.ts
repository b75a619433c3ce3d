/** Finds the labels in label maps. */

import { join } from "../platform/paths.ts";
import type { Segmentation } from "../image/image.ts";
import { readSegmentation } from "../image/image_files.ts";
import { listImages } from "../image/scan_folder.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Options to observe and stop long work. */
export interface ProgressOptions {
  /** Stops the work when aborted. */
  readonly signal?: AbortSignal;
  /** Called with the number of finished units of work, usually files or cases, and of all units. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Option names of {@link ProgressOptions}. */
export const progressOptions: KnownOptions<ProgressOptions> = { signal: true, onProgress: true };

/** Returns the labels in a label map, ascending. */
export function labelsIn({ data }: Segmentation): number[] {
  const present = new Uint8Array(65536);
  for (let i = 0; i < data.length; i++) present[data[i]] = 1;
  return Array.from(present.keys()).filter((label) => present[label]);
}

/** Returns whether the only foreground label is 255, as in masks saved by image editors. */
export function isPictureMask(labels: readonly number[]): boolean {
  const foreground = labels.filter((label) => label !== 0);
  return foreground.length === 1 && foreground[0] === 255;
}

/**
 * Returns the labels in all label maps of a folder, ascending.
 *
 * @param folder Folder of label maps.
 * @param options How to observe and abort the work, which is counted in files.
 * @returns The labels that occur in at least one file, in ascending order.
 * @throws {TypeError} If an option is unknown.
 * @throws {Error} If the folder has no image files, or one of them is not a label map.
 * @throws The signal's reason, if it is aborted.
 *
 * @example A folder with one label map
 * ```ts
 * import { findLabels, segmentationFrom, writeSegmentation } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const segmentation = segmentationFrom(Uint8Array.of(0, 1, 2, 2), {
 *   shape: [1, 2, 2],
 *   spacing: [1, 1, 1],
 * });
 * await writeSegmentation(`${folder}/a.nii.gz`, segmentation);
 * assert.deepEqual(await findLabels(folder), [0, 1, 2]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function findLabels(
  folder: string,
  options: ProgressOptions = {},
): Promise<number[]> {
  requireKnown(options, progressOptions, "find labels");
  const { signal, onProgress } = options;
  const names = await listImages(folder);
  if (names.length === 0) {
    throw new Error(`Cannot find labels in ${folder}: found no image files, expected label maps`);
  }
  const found = new Set<number>();
  for (const [done, name] of names.entries()) {
    signal?.throwIfAborted();
    for (const label of labelsIn(await readSegmentation(join(folder, name)))) found.add(label);
    onProgress?.(done + 1, names.length);
  }
  return [...found].sort((a, b) => a - b);
}
