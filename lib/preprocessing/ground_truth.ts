/** Copies ground-truth label maps into the preprocessed data set, where validation reads them. */

import { join } from "../platform/paths.ts";
import type { TrainingCase } from "../dataset/case.ts";
import { copyFileIfNewer } from "../files/copy_file.ts";
import { fileNames } from "../files/paths.ts";
import { filesToCopy } from "../image/image_files.ts";

/**
 * Copies label maps to `gt_segmentations`, except those whose copy is at least as new.
 *
 * @param folder The data set's folder in `nnUNet_preprocessed`.
 * @param fileEnding The data set's file ending with its dot, such as `.nii.gz`.
 * @throws {Error} If a file cannot be read or written.
 * @throws The signal's reason if it is aborted; finished copies stay.
 */
export async function copyGroundTruth(
  cases: readonly Pick<TrainingCase, "name" | "label">[],
  folder: string,
  fileEnding: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const { name, label } of cases) {
    signal?.throwIfAborted();
    const copy = join(folder, fileNames.groundTruth, name + fileEnding);
    for (const file of await filesToCopy(label, copy)) await copyFileIfNewer(file.from, file.to);
  }
}
