/** Creates trainers on synthetic scans, each of which trains in about a second. */

import { join } from "@std/path";
import { readCheckpoint } from "../../lib/files/checkpoint_file.ts";
import type { NnunetCheckpoint } from "../../lib/interop/nnunet_checkpoint.ts";
import { Plans } from "../../lib/plans.ts";
import { writeLabelMap } from "../../lib/preprocessing/label_map_storage.ts";
import { readCase } from "../../lib/preprocessing/storage.ts";
import { Trainer } from "../../lib/trainer.ts";
import type { FitOptions } from "../../lib/training/fit_options.ts";
import type { TrainerOptions } from "../../lib/training/training_options.ts";
import type { TrainingProgress } from "../../lib/training/training_progress.ts";
import { makeTinyPlans, withOwnResults } from "../tiny_scans.ts";

const { plans: shared, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

/** Returns the trainers' plans, with a new empty folder for results. */
export const tinyPlans = (): Plans => withOwnResults(shared, root);

/** Options of a short, reproducible training. */
export const short = {
  epochs: 2,
  iterations: 3,
  validationIterations: 2,
  seed: 7,
  threads: 1,
  loaders: 1,
} as const satisfies TrainerOptions;

/** Creates a trainer with its own results folder. */
export function tinyTrainer(options: TrainerOptions = {}, plans = tinyPlans()): Trainer {
  return new Trainer(plans, "3d_fullres", { ...short, ...options });
}

/** Trains, by default without validating whole cases. */
export const fit = (trainer: Trainer, options?: FitOptions) =>
  Array.fromAsync(trainer.fit({ validation: false, ...options }));

export const final = (trainer: Trainer) =>
  readCheckpoint(join(trainer.folder, "checkpoint_final.pth"));
export const latest = (trainer: Trainer) =>
  readCheckpoint(join(trainer.folder, "checkpoint_latest.pth"));

/** Reads the events of a fold's log. */
export const eventsOf = async (trainer: Trainer) =>
  (await Deno.readTextFile(join(trainer.folder, "training_log.jsonl"))).trim().split("\n")
    .map((line) => JSON.parse(line));

/**
 * Returns options that abort when training reaches a point, and the progress reported until then.
 */
export function abortWhen(reached: (progress: TrainingProgress) => boolean) {
  const controller = new AbortController();
  const seen: TrainingProgress[] = [];
  const onProgress = (progress: TrainingProgress) => {
    seen.push(progress);
    if (reached(progress)) controller.abort(new Error("Enough"));
  };
  return { options: { signal: controller.signal, onProgress }, seen };
}

/** Selects what must be equal bit for bit however often a training was interrupted. */
export function lasting(
  { log, networkWeights, optimizer, gradScaler, bestEma, currentEpoch }: NnunetCheckpoint,
) {
  const { epochStart: _, epochEnd: __, ...curves } = log;
  return { curves, networkWeights, optimizer, gradScaler, bestEma, currentEpoch };
}

/** Returns plans for other labels or regions. */
export function withLabels(labels: Readonly<Record<string, number | readonly number[]>>): Plans {
  const plans = tinyPlans();
  const regionsClassOrder = "whole" in labels ? [1, 2] : undefined;
  return new Plans({ ...plans, datasetJson: { ...plans.datasetJson, labels, regionsClassOrder } });
}

/** Returns plans with a cascade whose two stages have the same grid. */
export function withCascade(): Plans {
  const plans = tinyPlans();
  const fullres = plans.plansData.configurations["3d_fullres"]!;
  return new Plans({
    ...plans,
    plansData: {
      ...plans.plansData,
      configurations: {
        "3d_lowres": { ...fullres, name: "3d_lowres", nextStages: ["3d_cascade_fullres"] },
        "3d_fullres": fullres,
        "3d_cascade_fullres": {
          ...fullres,
          name: "3d_cascade_fullres",
          previousStage: "3d_lowres",
        },
      },
    },
  });
}

/** Returns the folder where the cascade looks for its first stage's segmentations. */
export const previousStageFolder = ({ folders }: Plans) =>
  join(
    folders.results,
    "Dataset001_Tiny/nnUNetTrainer__nnUNetPlans__3d_lowres/predicted_next_stage/3d_cascade_fullres",
  );

/** Writes the ground truth of cases as the first stage's segmentations. */
export async function writePreviousStage(plans: Plans, names: readonly string[]): Promise<void> {
  const cases = join(plans.folder, "nnUNetPlans_3d_fullres");
  for (const name of names) {
    const { segmentation } = await readCase(cases, name);
    await writeLabelMap(previousStageFolder(plans), name, {
      ...segmentation!,
      data: segmentation!.data.map((label) => Math.max(0, label)),
    });
  }
}
