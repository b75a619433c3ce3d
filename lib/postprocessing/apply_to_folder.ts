/** Applies postprocessing to a folder of label maps. */

import { join } from "../platform/paths.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { listFiles, listIgnored, requireFiles } from "../files/list_files.ts";
import { requireOtherFolder } from "../files/other_output.ts";
import { runCases } from "../dataset/run_cases.ts";
import type { PostprocessApi } from "./postprocess_worker.ts";
import type { PostprocessingStep } from "../files/postprocessing.ts";
import { workerAddress } from "../platform/workers.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Options of {@link applyPostprocessing}. */
export interface ApplyPostprocessingOptions {
  /** Folder of label maps. */
  readonly input: string;
  /** Folder for the results, created if it does not exist; may be the input. */
  readonly output: string;
  /** Steps to apply, in order. */
  readonly steps: readonly PostprocessingStep[];
  /** Ending of the label maps' names, such as `.nii.gz`; other files are skipped. */
  readonly fileEnding: string;
  /** Cases processed in parallel, one per core by default. */
  readonly workers?: number;
  /** Aborts the work. */
  readonly signal?: AbortSignal;
  /** Called with the number of finished cases and of all cases. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with the files of the folders that are not taken, and why, if there are any. */
  readonly onIgnored?: (ignored: readonly IgnoredFile[]) => void;
}

const applyOptions: KnownOptions<ApplyPostprocessingOptions> = {
  input: true,
  output: true,
  steps: true,
  fileEnding: true,
  workers: true,
  signal: true,
  onProgress: true,
  onIgnored: true,
};

/**
 * Postprocesses all label maps of a folder and writes them to another folder under the same names.
 *
 * @param options The folders and the steps.
 * @returns The names of the files.
 * @throws {TypeError} If an option is unknown.
 * @throws {Error} If the folder cannot be listed or has no label maps.
 * @throws {FailedCasesError} If files cannot be read or written, after the others are done.
 * @throws The signal's reason, if it is aborted; finished label maps are kept.
 *
 * @example Removing all but the largest component of label 1
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   applyPostprocessing,
 *   readSegmentation,
 *   segmentationFrom,
 *   writeSegmentation,
 * } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const [input, output] = [`${folder}/predictions`, `${folder}/postprocessed`];
 * const labels = Uint8Array.of(1, 1, 0, 0, 1);
 * await writeSegmentation(
 *   `${input}/a.nii.gz`,
 *   segmentationFrom(labels, { shape: [1, 1, 5], spacing: [1, 1, 1] }),
 * );
 * const steps = [{ keepLargest: 1 }];
 * await applyPostprocessing({ input, output, steps, fileEnding: ".nii.gz" });
 * const { data } = await readSegmentation(`${output}/a.nii.gz`);
 * assert.deepEqual(data, Uint8Array.of(1, 1, 0, 0, 0));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function applyPostprocessing(options: ApplyPostprocessingOptions): Promise<string[]> {
  requireKnown(options, applyOptions, "postprocess");
  const { input, output, steps, fileEnding, workers, signal, onProgress } = options;
  signal?.throwIfAborted();
  await requireOtherFolder(output, [input], {
    action: `postprocess ${input}`,
    what: "label maps",
  });
  const listed = await listFiles(input, fileEnding);
  const names = requireFiles(listed, `Cannot postprocess ${input}`, fileEnding);
  const others = await listIgnored(input, [fileEnding]);
  if (others.length > 0) options.onIgnored?.(others);
  let done = 0;
  await runCases<PostprocessApi, { readonly name: string }>(
    workerAddress("./postprocess_worker.ts", import.meta),
    names.map((name) => ({ name })),
    (worker, { name }) =>
      worker.call("apply", [{ input: join(input, name), output: join(output, name), steps }]),
    { action: "postprocess", workers, signal, onDone: () => onProgress?.(++done, names.length) },
  );
  return names;
}
