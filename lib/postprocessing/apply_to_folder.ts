/** Applies postprocessing to a folder of label maps. */

import { join } from "../platform/paths.ts";
import { listFiles } from "../evaluation/evaluate_folder.ts";
import { runInWorkers } from "../runtime/worker_pool.ts";
import type { PostprocessApi } from "./postprocess_worker.ts";
import type { PostprocessingStep } from "../files/postprocessing.ts";
import { workerAddress } from "../platform/workers.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Label maps, and where their postprocessed forms go. */
export interface ApplyPostprocessingOptions {
  readonly input: string;
  /** Made if it does not exist; may be the input. */
  readonly output: string;
  readonly steps: readonly PostprocessingStep[];
  /** `.nii.gz`; files with other endings are passed over. */
  readonly fileEnding: string;
  /** Cases worked on at once; by default one a processor. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const applyOptions: KnownOptions<ApplyPostprocessingOptions> = {
  input: true,
  output: true,
  steps: true,
  fileEnding: true,
  workers: true,
  signal: true,
  onProgress: true,
};

/**
 * Postprocesses every label map of a folder into another, under the same name.
 *
 * @returns The names of the files.
 * @throws {Error} If the folder cannot be listed or has no label maps, or one cannot be read or
 * written.
 * @throws The signal's reason, if it is aborted; finished maps stay.
 */
export async function applyPostprocessing(options: ApplyPostprocessingOptions): Promise<string[]> {
  requireKnown(options, applyOptions, "postprocess");
  const { input, output, steps, fileEnding, workers, signal, onProgress } = options;
  signal?.throwIfAborted();
  const names = await listFiles(input, fileEnding);
  if (names.length === 0) {
    throw new Error(
      `Cannot postprocess ${input}: found no file that ends with "${fileEnding}", ` +
        `expected at least one`,
    );
  }
  let done = 0;
  await runInWorkers<PostprocessApi, string>(
    workerAddress("./postprocess_worker.ts", import.meta),
    names,
    async (worker, name) => {
      await worker.call("apply", [
        { input: join(input, name), output: join(output, name), steps },
      ]);
      onProgress?.(++done, names.length);
    },
    { workers, signal },
  );
  return names;
}
