/** From the Medical Segmentation Decathlon's layout to nnU-Net v2's. */

import { basename, join, resolve } from "../platform/paths.ts";
import { type ProgressOptions, progressOptions } from "../dataset/find_labels.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { upgradeDatasetJson } from "../files/dataset_json_v1.ts";
import { fileNames, type Folders } from "../files/paths.ts";
import { formatPythonJson, type PythonJson } from "../files/python_json.ts";
import { runInWorkers } from "../runtime/worker_pool.ts";
import { newDatasetFolder } from "./conversion_target.ts";
import type { SplitApi, SplitJob } from "./split_worker.ts";
import { listScans, readTaskJson, requirePairs, stemOf } from "./version1_source.ts";
import { copyFile, createFolder } from "../platform/files.ts";
import { workerAddress } from "../platform/workers.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** How a task of the Decathlon is converted. */
export interface DecathlonOptions extends ProgressOptions {
  /** The new data set's id, if not that of the task's folder name. */
  readonly id?: number;
  /** Scans worked on at once; by default one a processor. Each is held in memory. */
  readonly workers?: number;
}

const decathlonOptions: KnownOptions<DecathlonOptions> = {
  ...progressOptions,
  id: true,
  workers: true,
};

/**
 * Copies a task of the Decathlon, `Task04_Hippocampus`, into `nnUNet_raw`, each channel of a scan
 * in its own file. The data set appears whole or not at all.
 *
 * Unlike upstream, scans keep their number type and header, and what does not fit together is an
 * error: scans without labels, and numbers of channels other than `modality` says.
 *
 * @returns The new data set's folder.
 * @throws {RangeError} If the folder's name is no task's, or the id cannot be used.
 * @throws {Error} If the id is taken, something is missing in the folder, or a file cannot be read.
 * @throws The signal's reason, if it is aborted.
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
  const match = basename(source).match(/^Task(\d+)_(.+)$/);
  if (!match) {
    throw new RangeError(
      `Cannot convert ${source}: expected a folder named like Task04_Hippocampus`,
    );
  }
  const { imagesTr, imagesTs, labelsTr } = fileNames;
  const { content, json } = await readTaskJson(source, [imagesTr, imagesTs, labelsTr]);
  const target = await newDatasetFolder({ id: id ?? Number(match[1]), name: match[2] }, folders);

  const training = await listScans(join(source, imagesTr));
  const labels = await listScans(join(source, labelsTr));
  requirePairs(source, training, labels, {
    numbered: false,
    otherwise: "this looks like a task of nnU-Net v1, which convert_old_nnUNet_dataset converts",
  });
  const test = await listScans(join(source, imagesTs));

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
