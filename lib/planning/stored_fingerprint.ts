/** Decides whether the fingerprint that an earlier run wrote still describes a data set. */

import type { TrainingCase } from "../dataset/case.ts";
import { readFingerprint } from "../files/fingerprint_file.ts";
import { fileNames } from "../files/paths.ts";
import type { Fingerprint } from "../files/plans.ts";
import { filesOf } from "../image/image_files.ts";
import { fileInfo } from "../platform/files.ts";
import { join } from "../platform/paths.ts";

/** The files of a data set. */
export interface DatasetFiles {
  /** The data set's folder in `nnUNet_raw`. */
  readonly folder: string;
  readonly cases: readonly TrainingCase[];
}

/**
 * Reads a fingerprint if it has as many cases as the data set and is newer than all their files.
 *
 * @param path Path of the fingerprint, which exists.
 * @param dataset The data set's files.
 * @returns The fingerprint, or why it does not describe the data set, such as `has 4 cases instead
 * of 5`.
 * @throws {SyntaxError} If the file is not a fingerprint.
 * @throws {Error} If a file cannot be read.
 */
export async function reusableFingerprint(
  path: string,
  { folder, cases }: DatasetFiles,
): Promise<{ readonly fingerprint: Fingerprint } | { readonly reason: string }> {
  const fingerprint = await readFingerprint(path);
  const count = fingerprint.spacings.length;
  if (count !== cases.length) return { reason: `has ${count} cases instead of ${cases.length}` };
  const made = await lastChange(path);
  const isNewer = async (file: string) => await lastChange(file) > made;
  const description = join(folder, fileNames.dataset);
  if (await isNewer(description)) return { reason: `is older than ${description}` };
  for (const { images, label } of cases) {
    for (const image of [...images, label]) {
      for (const file of await filesOf(image)) {
        if (await isNewer(file)) return { reason: `is older than ${file}` };
      }
    }
  }
  return { fingerprint };
}

/** When a file was last changed, in milliseconds. */
async function lastChange(path: string): Promise<number> {
  return (await fileInfo(path)).mtime?.getTime() ?? 0;
}
