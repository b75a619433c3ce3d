/** Validates a fold: predicts whole cases with the trained network and scores them. */

import { join } from "../platform/paths.ts";
import { evaluateFolder } from "../evaluation/evaluate_folder.ts";
import { scoredClasses } from "../evaluation/scored_classes.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import { fileNames, probabilitiesFileName, propertiesFileName } from "../files/paths.ts";
import { writeSummary } from "../files/summary_file.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import { openCase } from "../preprocessing/storage.ts";
import type { Device } from "../runtime/device.ts";
import { limitsOf } from "../runtime/find_devices.ts";
import type { CaseJob, NextStageOutput } from "./case_job.ts";
import { CasePipeline, type InferenceProgress } from "./case_pipeline.ts";

/** A trained network, and the cases to validate it on. */
export interface ValidateFoldOptions {
  /** The network as `inferenceModel()` encodes it; its buffer is transferred. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** The model's facts; mirrored views along its `mirrorAxes` are averaged. */
  readonly facts: ModelFacts;
  /** Folder of the preprocessed cases. */
  readonly casesFolder: string;
  /** Names of the cases to validate on. */
  readonly cases: readonly string[];
  /** For a cascade's second stage, the folder of the first stage's label maps on the plan's grid. */
  readonly previousStageFolder?: string;
  /** For a cascade's first stage, the stages that need its label maps. */
  readonly nextStages?: readonly NextStage[];
  /** Folder of the ground truth's label maps, `CASE.nii.gz`. */
  readonly groundTruth: string;
  /** Folder of the fold's results; the predictions go into its subfolder `validation`. */
  readonly folder: string;
  /** Whether to write `CASE.npz` and `CASE.pkl` as well, for ensembles; false by default. */
  readonly saveProbabilities?: boolean;
  readonly threads?: number;
  /** The CPU by default. */
  readonly device?: Device;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: InferenceProgress) => void;
}

/** A cascade's next stage, which needs label maps on its own grid. */
export interface NextStage {
  /** Folder of its preprocessed cases. */
  readonly casesFolder: string;
  /** Names of its preprocessed cases; other cases get no label map. */
  readonly cases: readonly string[];
  /** Folder to write the label maps to. */
  readonly folder: string;
}

/**
 * Segments a fold's validation cases with all tiles and mirrored views, writes the label maps and
 * `summary.json` into `validation`, and writes label maps for a cascade's next stages.
 *
 * @returns The scores.
 * @throws {CaseError} If a case fails.
 * @throws {Error} If a case has no ground truth; the message names it.
 * @throws The signal's reason, if it is aborted; finished cases are kept.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py
 * perform_actual_validation
 */
export async function validateFold(options: ValidateFoldOptions): Promise<EvaluationSummary> {
  const { model, facts, threads, device, signal } = options;
  const { labels, fileEnding } = facts.datasetJson;
  const output = join(options.folder, fileNames.validation);
  const jobs = await Promise.all(options.cases.map((name) => jobOf(name, output, options)));
  const pipeline = await CasePipeline.start(facts, {
    models: [model],
    threads,
    device,
    limits: device && await limitsOf(device),
  });
  try {
    await pipeline.run(jobs, options);
  } finally {
    pipeline.close();
  }
  const summary = await evaluateFolder({
    groundTruth: options.groundTruth,
    predictions: output,
    fileEnding,
    ...scoredClasses(labels),
    allowMissing: true, // The ground truth also contains the other folds' cases.
    workers: threads,
    signal,
  });
  await writeSummary(join(output, fileNames.summary), summary);
  return summary;
}

async function jobOf(
  name: string,
  output: string,
  options: ValidateFoldOptions,
): Promise<CaseJob> {
  const { casesFolder, previousStageFolder, facts, saveProbabilities, nextStages = [] } = options;
  const wanted = nextStages.filter(({ cases }) => cases.includes(name));
  const stages = wanted.map(async ({ casesFolder, folder }): Promise<NextStageOutput> => {
    const { shape: [, z, y, x] } = await openCase(casesFolder, name);
    return { folder, shape: [z, y, x] };
  });
  return {
    name,
    source: { preprocessedFolder: casesFolder },
    ...previousStageFolder && { previousStage: { labelMapFolder: previousStageFolder } },
    output: {
      segmentation: join(output, name + facts.datasetJson.fileEnding),
      ...saveProbabilities && {
        probabilities: {
          array: join(output, probabilitiesFileName(name)),
          properties: join(output, propertiesFileName(name)),
        },
      },
      nextStages: await Promise.all(stages),
    },
  };
}
