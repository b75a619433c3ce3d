/** Keeps predictions of different models apart: one folder holds those of one model. */

import { CaseError } from "../dataset/case_error.ts";
import type { DatasetJson } from "../files/dataset.ts";
import {
  type PredictionArguments,
  type PredictionOrigin,
  readPredictionOrigin,
  writePredictionRecord,
} from "../files/prediction_record.ts";
import type { PlansData } from "../files/plans.ts";
import type { FileLock } from "../platform/file_lock.ts";
import { exists, listFolder, sameFile } from "../platform/files.ts";
import { join, resolve } from "../platform/paths.ts";
import { sha256 } from "../platform/sha256.ts";
import { count } from "../options/count.ts";
import { acquireSharedLock } from "../platform/shared_lock.ts";
import type { OpenedModel } from "../model/open_model.ts";
import type { CaseJob } from "./case_job.ts";
import { OtherPredictionError } from "./other_prediction_error.ts";

/** What is written into a folder, and how. */
export interface FolderClaim extends PredictionArguments {
  readonly plansData: PlansData;
  readonly datasetJson: DatasetJson;
  readonly origin: PredictionOrigin;
  /** Called with what was found in the folder and stays there. */
  readonly onWarning?: (message: string) => void;
}

/** How a model predicts, as far as label maps depend on it. */
export interface PredictionSettings {
  readonly stepSize?: number;
  readonly mirroring?: boolean;
  readonly gaussian?: boolean;
  readonly thresholds?: Readonly<Record<string, number>>;
}

/** Returns what label maps depend on besides the scans. */
export async function originOf(
  { origin, models, plansData, configuration }: OpenedModel,
  { stepSize = 0.5, mirroring = true, gaussian = true, thresholds = {} }: PredictionSettings,
  previousStageFolder?: string,
): Promise<PredictionOrigin> {
  const { trainer, folds, checkpoint } = origin;
  return {
    dataset: plansData.datasetName,
    plans: plansData.plansName,
    configuration: configuration.name,
    ...trainer !== undefined && { trainer },
    ...folds && { folds },
    ...checkpoint !== undefined && { checkpoint },
    networks: (await sha256(...models)).toHex(),
    stepSize,
    mirroring,
    gaussian,
    ...Object.keys(thresholds).length > 0 && { thresholds: sorted(thresholds) },
    ...previousStageFolder !== undefined &&
      { previousStageFolder: resolve(previousStageFolder) },
  };
}

/** The same entries in the order of their names, so that two records can be compared. */
function sorted(thresholds: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(thresholds).sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * Takes a folder for a prediction, writes its records, and keeps other models out of it until the
 * lock is disposed of. Parts of one prediction may share it.
 *
 * @param names Names of all cases of the input, whose label maps may be in the folder.
 * @throws {LockedError} If another model is predicting into the folder.
 * @throws {OtherPredictionError} If existing label maps are to be kept and are from another model.
 */
export async function claimFolder(
  claim: FolderClaim,
  names: ReadonlySet<string>,
): Promise<FileLock> {
  const { input, output, overwrite, origin, plansData, datasetJson, onWarning } = claim;
  const lock = await acquireSharedLock(join(output, ".prediction.lock"), {
    action: `predict into ${output}`,
    key: JSON.stringify(origin),
    onTakeover: ({ host, pid }) =>
      onWarning?.(`The prediction of process ${pid} on ${host} into ${output} has ended early`),
  });
  try {
    const present = await labelMapsIn(output, datasetJson.fileEnding);
    if (present.length > 0) {
      const previous = await readPredictionOrigin(output);
      const differing = previous && differences(previous, origin);
      if (!overwrite) {
        if (differing?.length) throw new OtherPredictionError(output, differing);
        if (!previous && present.some((name) => names.has(name))) {
          onWarning?.(
            `${output} does not record which model made its label maps; they are kept as they are`,
          );
        }
      }
      const others = present.filter((name) => !names.has(name));
      // In the scans' own folder, the others are scans, as far as is known.
      const isInput = await sameFile(input, output);
      if (others.length > 0 && !isInput && (!previous || differing?.length)) {
        onWarning?.(
          `${output} also has ${count(others.length, "label map")} of other cases, made by ` +
            `${previous ? "another model" : "an unknown model"}; they stay`,
        );
      }
    }
    await writePredictionRecord(plansData, datasetJson, claim, origin);
    return lock;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** Names of the cases whose label maps are in a folder. */
async function labelMapsIn(folder: string, fileEnding: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of listFolder(folder)) {
    if (isDirectory || name.startsWith(".") || !name.endsWith(fileEnding)) continue;
    names.push(name.slice(0, -fileEnding.length));
  }
  return names;
}

/** Describes in which respects two origins differ, as `found, expected` for each. */
function differences(found: PredictionOrigin, expected: PredictionOrigin): string[] {
  const words: Readonly<Record<keyof PredictionOrigin, string>> = {
    dataset: "data set",
    plans: "plans",
    configuration: "configuration",
    trainer: "trainer",
    folds: "folds",
    checkpoint: "checkpoint",
    networks: "weights",
    stepSize: "step size",
    mirroring: "mirroring",
    gaussian: "Gaussian weights",
    thresholds: "thresholds",
    previousStageFolder: "segmentations of the previous stage in",
  };
  const text = (value: unknown) => JSON.stringify(value) ?? "unknown";
  const differing = (Object.keys(words) as (keyof PredictionOrigin)[])
    .filter((key) => text(found[key]) !== text(expected[key]));
  const named = differing.filter((key) => key !== "networks");
  if (named.length === 0 && differing.length > 0) {
    return ["weights of the same names, but with other values"];
  }
  return named.map((key) => {
    const [before, now] = [found[key], expected[key]].map((value) =>
      key === "thresholds" ? plain(value ?? {}) : plain(value)
    );
    return `${words[key]} ${before}, expected ${now}`;
  });
}

function plain(value: unknown): string {
  if (value === undefined) return "unknown";
  if (typeof value === "object" && !Array.isArray(value)) return JSON.stringify(value);
  return Array.isArray(value) ? value.join(" ") : `${value}`;
}

/** Whether all files of a case exist. */
export async function isDone({ output }: CaseJob): Promise<boolean> {
  const { segmentation, probabilities, dicomSegmentation, probabilityMaps = [], masks = [] } =
    output!;
  const files = [
    segmentation,
    ...Object.values(probabilities ?? {}),
    ...dicomSegmentation ? [dicomSegmentation.file] : [],
    ...probabilityMaps,
    ...masks.map(({ file }) => file),
  ];
  for (const path of files) {
    if (!await exists(path)) return false;
  }
  return true;
}

/**
 * Checks that a label map does not replace a scan.
 *
 * @throws {Error} If a file to write is one of the files to read.
 */
export async function requireOtherFiles(jobs: readonly CaseJob[]): Promise<void> {
  for (const { source, output } of jobs) {
    if (!("files" in source) || !output) continue;
    for (const scan of source.files) {
      if (!await sameFile(scan, output.segmentation)) continue;
      throw new Error(
        `Cannot predict ${scan}: its label map would replace it; choose another output`,
      );
    }
  }
}

/** Says of failed cases whether a label map of an earlier prediction is still in the folder. */
export async function notingStale(
  failures: readonly CaseError[],
  { input, output }: { readonly input: string; readonly output: string },
  fileEnding: string,
): Promise<CaseError[]> {
  return await Promise.all(failures.map(async ({ caseName, cause }) => {
    const path = join(output, caseName + fileEnding);
    const note = await exists(path) ? `${path} is from an earlier prediction` : undefined;
    return new CaseError(caseName, `predict case "${caseName}" of ${input}`, cause, note);
  }));
}
