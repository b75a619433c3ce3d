/** Converts tasks of the Medical Segmentation Decathlon to nnU-Net v2's layout. */

import { basename, join, resolve } from "../platform/paths.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { upgradeDatasetJson } from "../files/dataset_json_v1.ts";
import { requireFolder } from "../files/require_folder.ts";
import { fileNames } from "../files/paths.ts";
import type { Folders } from "../files/folders.ts";
import { formatPythonJson, type PythonJson } from "../files/python_json.ts";
import { runInWorkers } from "../runtime/worker_pool.ts";
import { newDatasetFolder } from "./conversion_target.ts";
import type { SplitApi, SplitJob } from "./split_worker.ts";
import {
  type ConversionOptions,
  conversionOptions,
  listScans,
  readTaskJson,
  requirePairs,
  stemOf,
} from "./version1_source.ts";
import { copyFile, createFolder } from "../platform/files.ts";
import { workerAddress } from "../platform/workers.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Options of {@link convertDecathlon}. */
export interface DecathlonOptions extends ConversionOptions {
  /** Id of the new data set, the number in the task's folder name by default. */
  readonly id?: number;
  /** Scans processed in parallel, one per core by default; each is in memory. */
  readonly workers?: number;
}

const decathlonOptions: KnownOptions<DecathlonOptions> = {
  ...conversionOptions,
  id: true,
  workers: true,
};

/**
 * Converts a task of the Decathlon, such as `Task04_Hippocampus`, to a data set in `nnUNet_raw` with
 * one file per channel. The data set is written completely or not at all.
 *
 * Unlike upstream, scans keep their data type and header, and inconsistencies are errors: scans
 * without labels, and a number of channels other than `modality` lists.
 *
 * @param sourceFolder The task's folder, with `imagesTr`, `imagesTs`, `labelsTr` and
 * `dataset.json`.
 * @param folders nnU-Net's three folders, of which `raw` receives the data set.
 * @param options The data set's id, the number of workers, and how to observe and abort the work.
 * @returns The new data set's folder.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If the folder is not named like a task, or the id is invalid.
 * @throws {Error} If the id is in use, the folder is incomplete, or a file cannot be read.
 * @throws The signal's reason, if it is aborted.
 *
 * @example Converting a task with one case
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   convertDecathlon,
 *   foldersIn,
 *   imageFrom,
 *   segmentationFrom,
 *   writeDatasetJsonV1,
 *   writeImage,
 *   writeSegmentation,
 * } from "nnunet";
 *
 * const root = await Deno.makeTempDir();
 * const task = `${root}/Task04_Hippocampus`;
 * const grid = { shape: [1, 2, 2], spacing: [3, 1, 1] };
 * const labels = segmentationFrom(Uint8Array.of(0, 0, 1, 1), grid);
 * await Deno.mkdir(`${task}/imagesTs`, { recursive: true });
 * await writeImage(`${task}/imagesTr/a.nii.gz`, imageFrom(Float32Array.of(1, 2, 3, 4), grid));
 * await writeSegmentation(`${task}/labelsTr/a.nii.gz`, labels);
 * await writeDatasetJsonV1(`${task}/dataset.json`, {
 *   name: "Hippocampus",
 *   modality: ["MRI"],
 *   labels: ["background", "hippocampus"],
 *   trainingCases: ["a"],
 *   testCases: [],
 * });
 * const folder = await convertDecathlon(task, foldersIn(root));
 * assert((await Deno.stat(`${folder}/imagesTr/a_0000.nii.gz`)).isFile);
 * await Deno.remove(root, { recursive: true });
 * ```
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/dataset_conversion/convert_MSD_dataset.py
 */
export async function convertDecathlon(
  sourceFolder: string,
  folders: Folders,
  options: DecathlonOptions = {},
): Promise<string> {
  requireKnown(options, decathlonOptions, "convert");
  const { id, workers, signal, onProgress } = options;
  const source = resolve(sourceFolder);
  await requireFolder(source, "convert");
  const match = basename(source).match(/^Task(\d+)_(.+)$/);
  if (!match) {
    throw new RangeError(
      `Cannot convert ${source}: expected a folder named like Task04_Hippocampus`,
    );
  }
  const { imagesTr, imagesTs, labelsTr } = fileNames;
  const { content, json } = await readTaskJson(source, [imagesTr, imagesTs, labelsTr]);
  const target = await newDatasetFolder({ id: id ?? Number(match[1]), name: match[2] }, folders);

  const { scans, ignored } = await listScans(source, [imagesTr, labelsTr, imagesTs]);
  const { [imagesTr]: training, [labelsTr]: labels, [imagesTs]: test } = scans;
  requirePairs(source, training, labels, {
    numbered: false,
    otherwise: "convertVersion1",
  });
  if (ignored.length > 0) options.onIgnored?.(ignored);

  const total = training.length + test.length + labels.length;
  let done = 0;
  const problems: string[] = [];
  await writeFolderAtomically(target, async (folder) => {
    for (const child of [imagesTr, imagesTs, labelsTr]) await createFolder(join(folder, child));
    const jobs = [[imagesTr, training], [imagesTs, test]] as const;
    await runInWorkers<SplitApi, SplitJob>(
      workerAddress("./split_worker.ts", import.meta),
      jobs.flatMap(([child, files]) =>
        files.map((file) => ({
          path: join(source, child, file),
          caseName: stemOf(file),
          folder: join(folder, child),
        }))
      ),
      async (worker, job) => {
        const channels = await worker.call("split", [job]);
        const expected = json.channelNames.length;
        if (channels !== expected) {
          problems.push(`${job.path} has ${channels} channels, expected ${expected}`);
        }
        onProgress?.(++done, total);
      },
      { workers, signal },
    );
    if (problems.length > 0) {
      throw new Error(`Cannot convert ${source}: ${problems.sort().join("; ")}`);
    }
    for (const file of labels) {
      signal?.throwIfAborted();
      await copyFile(join(source, labelsTr, file), join(folder, labelsTr, file));
      onProgress?.(++done, total);
    }
    await writeFileAtomically(
      join(folder, fileNames.dataset),
      formatPythonJson(upgradeDatasetJson(content) as PythonJson, { sortKeys: false }),
    );
  });
  return target;
}
