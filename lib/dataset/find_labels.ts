/** Which labels occur. */

import { join } from "../platform/paths.ts";
import type { Segmentation } from "../image/image.ts";
import { listImages, readSegmentation } from "../image/registry.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** How a long run is watched, and stopped. */
export interface ProgressOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Names of {@link ProgressOptions}. */
export const progressOptions: KnownOptions<ProgressOptions> = { signal: true, onProgress: true };

/** Labels present in one label map, ascending. */
export function labelsIn({ data }: Segmentation): number[] {
  const present = new Uint8Array(65536);
  for (let i = 0; i < data.length; i++) present[data[i]] = 1;
  return Array.from(present.keys()).filter((label) => present[label]);
}

/** Whether labels are 0 and 255 alone: programs for pictures save masks so. */
export function isPictureMask(labels: readonly number[]): boolean {
  const foreground = labels.filter((label) => label !== 0);
  return foreground.length === 1 && foreground[0] === 255;
}

/**
 * Labels present in any file of a folder, ascending.
 *
 * @throws {Error} If the folder holds no image files, or one of them is no label map.
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
