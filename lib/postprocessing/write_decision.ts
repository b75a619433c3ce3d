/** Writes nnU-Net's files for a postprocessing decision. */

import { join } from "../platform/paths.ts";
import { withPredictionsIn } from "../evaluation/summary.ts";
import { fileNames } from "../files/paths.ts";
import { writePostprocessing, writePostprocessingReport } from "../files/postprocessing_file.ts";
import { writeSummary } from "../files/summary_file.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { applyPostprocessing } from "./apply_to_folder.ts";
import type { PostprocessingDecision } from "../files/postprocessing.ts";

/** Options of {@link writeDecision}. */
export interface WriteDecisionOptions {
  /** Folder of the predictions that the decision is based on. */
  readonly predictions: string;
  readonly decision: PostprocessingDecision;
  readonly fileEnding: string;
  /** Also write the postprocessed predictions. */
  readonly keepPostprocessed: boolean;
  readonly workers?: number;
  readonly signal?: AbortSignal;
}

/**
 * Writes `postprocessing.pkl`, `postprocessing.json` and `summary.json` to the predictions' folder,
 * and the postprocessed predictions with their summary to its subfolder `postprocessed`.
 *
 * @returns Path of `postprocessing.pkl`.
 * @throws {Error} If a file cannot be written.
 */
export async function writeDecision(options: WriteDecisionOptions): Promise<string> {
  const { predictions, decision, keepPostprocessed, ...applying } = options;
  const { steps, before, after } = decision;
  const postprocessed = join(predictions, fileNames.postprocessed);
  if (keepPostprocessed) {
    await writeFolderAtomically(postprocessed, async (partial) => {
      await applyPostprocessing({ ...applying, input: predictions, output: partial, steps });
      const moved = withPredictionsIn(after, postprocessed);
      await writeSummary(join(partial, fileNames.summary), moved);
    }, { overwrite: true });
  }
  await writeSummary(join(predictions, fileNames.summary), before);
  await writePostprocessingReport(join(predictions, fileNames.postprocessingReport), decision);
  const path = join(predictions, fileNames.postprocessing);
  await writePostprocessing(path, steps);
  return path;
}
