/** Validates a fold: predicts whole cases with the trained network and scores them. */

import { join } from "../platform/paths.ts";
import { evaluateFolder } from "../evaluation/evaluate_folder.ts";
import { scoredClasses } from "../evaluation/scored_classes.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import {
  fileNames,
  probabilitiesFileName,
  probabilityEndings,
  propertiesFileName,
} from "../files/paths.ts";
import { CaseRecord } from "../files/case_record.ts";
import { listFiles } from "../files/list_files.ts";
import { readSummary, writeSummary } from "../files/summary_file.ts";
import { exists, fileInfo, remove } from "../platform/files.ts";
import { sha256 } from "../platform/sha256.ts";
import { labelMapFile } from "../preprocessing/label_map_storage.ts";
import { storedFingerprint } from "../preprocessing/stored_parts.ts";
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
  /** Whether to predict cases again that this model has predicted before; false by default. */
  readonly overwrite?: boolean;
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

/** A validation whose finished cases are known. */
export interface PlannedValidation {
  /** Names of the cases that this model has predicted before, from the same data. */
  readonly kept: readonly string[];
  /** Names of other cases whose files are in the folder; they are removed, not to be scored. */
  readonly removed: readonly string[];
  /** Whether nothing remains to be done: all cases are predicted and scored. */
  readonly isFinished: boolean;
  /**
   * Predicts the other cases and scores all.
   *
   * @returns The scores.
   */
  run(): Promise<EvaluationSummary>;
}

/**
 * Segments a fold's validation cases with all tiles and mirrored views, writes the label maps and
 * `summary.json` into `validation`, and writes label maps for a cascade's next stages.
 *
 * Cases that the same network has predicted from the same data are kept, so that a validation that
 * was killed resumes case by case. Files of cases that are not among the fold's are removed.
 *
 * @returns The scores.
 * @throws {FailedCasesError} If cases fail, after the others are done.
 * @throws {Error} If a case has no ground truth; the message names it.
 * @throws The signal's reason, if it is aborted; finished cases are kept.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py
 * perform_actual_validation
 */
export async function validateFold(options: ValidateFoldOptions): Promise<EvaluationSummary> {
  return await (await planValidation(options)).run();
}

/**
 * Finds out which cases of a validation are finished; see {@link validateFold}.
 *
 * @throws As {@link validateFold}.
 */
export async function planValidation(options: ValidateFoldOptions): Promise<PlannedValidation> {
  const { model, cases, overwrite = false } = options;
  const output = join(options.folder, fileNames.validation);
  const maker = (await sha256(model)).toHex();
  const record = await CaseRecord.open(join(options.folder, fileNames.validationRecord), maker);
  const jobs = await Promise.all(cases.map((name) => jobOf(name, output, options)));
  const sources = new Map<string, string>();
  const kept: string[] = [];
  for (const { name } of jobs) {
    const from = await sourceOf(name, options);
    sources.set(name, from);
    if (!overwrite && await record.has(name, from)) kept.push(name);
  }
  const remaining = jobs.filter(({ name }) => !kept.includes(name));
  const summary = join(output, fileNames.summary);
  const others = await otherCases(output, options);
  const isFinished = remaining.length === 0 && others.size === 0 && record.isFinished &&
    await exists(summary);
  return {
    kept,
    removed: [...others.keys()],
    isFinished,
    async run() {
      if (isFinished) return await readSummary(summary);
      await record.keep(kept);
      for (const path of [...others.values()].flat()) await remove(path);
      if (remaining.length > 0) {
        await predictCases(remaining, options, async (job) => {
          await record.add(job.name, sources.get(job.name)!, filesOf(job));
        });
      }
      const scores = await score(output, options);
      await writeSummary(summary, scores);
      await record.finish();
      return scores;
    },
  };
}

/** Predicts cases, and records each as soon as its files are written. */
async function predictCases(
  jobs: readonly CaseJob[],
  { model, facts, threads, device, signal, onProgress }: ValidateFoldOptions,
  finish: (job: CaseJob) => Promise<void>,
): Promise<void> {
  const pipeline = await CasePipeline.start(facts, {
    models: [model],
    threads,
    device,
    limits: device && await limitsOf(device),
  });
  const byName = new Map(jobs.map((job) => [job.name, job]));
  let recording = Promise.resolve();
  try {
    await pipeline.run(jobs, {
      signal,
      onProgress,
      onCase(name) {
        recording = recording.then(() => finish(byName.get(name)!));
        recording.catch(() => {}); // It is awaited at the end.
      },
    });
  } finally {
    pipeline.close();
    await recording;
  }
}

async function score(
  output: string,
  { facts, groundTruth, threads, signal }: ValidateFoldOptions,
): Promise<EvaluationSummary> {
  const { labels, fileEnding } = facts.datasetJson;
  return await evaluateFolder({
    groundTruth,
    predictions: output,
    fileEnding,
    reader: facts.plansData.imageReaderWriter,
    ...scoredClasses(labels),
    allowMissing: true, // The ground truth also contains the other folds' cases.
    workers: threads,
    signal,
  });
}

/** Lists the files of cases that the fold does not validate on, by case. */
async function otherCases(
  output: string,
  { cases, facts: { datasetJson: { fileEnding } } }: ValidateFoldOptions,
): Promise<Map<string, string[]>> {
  const others = new Map<string, string[]>();
  if (!await exists(output)) return others;
  const expected = new Set(cases);
  for (const ending of [fileEnding, ...probabilityEndings]) {
    for (const file of await listFiles(output, ending)) {
      const name = file.slice(0, -ending.length);
      if (expected.has(name)) continue;
      others.set(name, [...others.get(name) ?? [], join(output, file)]);
    }
  }
  return others;
}

/** Describes the data that a case is predicted from, and what is written. */
async function sourceOf(name: string, options: ValidateFoldOptions): Promise<string> {
  const { casesFolder, previousStageFolder, saveProbabilities = false, nextStages = [] } = options;
  const previous = previousStageFolder === undefined
    ? undefined
    : (await fileInfo(labelMapFile(previousStageFolder, name))).mtime;
  return JSON.stringify({
    preprocessed: await storedFingerprint(casesFolder, name),
    previousStage: previous ?? undefined,
    probabilities: saveProbabilities,
    nextStages: nextStages.filter(({ cases }) => cases.includes(name)).map(({ folder }) => folder),
  });
}

/** Returns the paths of the files that are written for a case. */
function filesOf({ name, output }: CaseJob): string[] {
  const { segmentation, probabilities, nextStages = [] } = output!;
  return [
    segmentation,
    ...probabilities ? [probabilities.array, probabilities.properties] : [],
    ...nextStages.map(({ folder }) => labelMapFile(folder, name)),
  ];
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
