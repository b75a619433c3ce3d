/**
 * Compares whole trainings with the same data, fold, plan and number of steps, with several seeds on
 * each side.
 */

import { join } from "@std/path";
import { Trainer } from "../../lib/trainer.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import type { OutcomeDataset } from "./outcome_datasets.ts";
import { type FinishedTraining, OutcomeStore, type Side } from "./outcome_store.ts";
import { realScansMissing } from "./real_scans.ts";
import { type SharedPlan, sharePlan } from "./shared_plan.ts";
import { shortTrainingOptimizer } from "./short_training.ts";
import { differenceInterval, type Interval, mean } from "./statistics.ts";

/** Half the width that an interval may have, and the difference that it may have, in Dice. */
const TARGET = 0.005;

/** How many trainings to run, and where. */
export interface OutcomeOptions {
  /** Number of trainings on each side. */
  readonly seeds: number;
  readonly firstSeed: number;
  /** Whether to train again what an earlier run has trained. */
  readonly fresh: boolean;
  readonly root: string;
  readonly pythonPreprocessed: string;
}

/** Result of the comparison on one data set. */
export interface Outcome {
  /** One line that states the figures. */
  readonly figure: string;
  /** What misses the target, if something does. */
  readonly missed?: string;
}

/** Trains fold 0 with every seed on both sides, including the validation of whole cases. */
export async function compareOutcomes(
  peer: PythonPeer,
  dataset: OutcomeDataset,
  { seeds, firstSeed, fresh, root, pythonPreprocessed }: OutcomeOptions,
): Promise<Outcome> {
  const { key, title, scans: makeScans, ...settings } = dataset;
  const { epochs, iterations } = settings;
  const store = await OutcomeStore.open(key, { ...settings, ...shortTrainingOptimizer }, fresh);
  const scans = await makeScans(join(root, key));
  if (!scans) return { figure: `${title}: skipped`, missed: `${title}: ${realScansMissing}` };
  let shared: SharedPlan | undefined;
  const dice: Record<Side, number[]> = { ours: [], nnunetv2: [] };
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    for (const side of ["ours", "nnunetv2"] as const) {
      let training = store.find(side, seed);
      const isStored = training !== undefined;
      if (!training) {
        shared ??= await sharePlan(peer, { ...settings, scans, root, pythonPreprocessed });
        const run = { epochs, iterations, seed };
        // Without processes for augmentation, which would draw from unseeded generators.
        const environment = { nnUNet_n_proc_DA: "0" };
        const begin = performance.now();
        const found = side === "ours"
          ? await trainOurs(shared, run)
          : (await peer.ask<{ dice: number }>({
            command: "train",
            environment,
            ...shared.job,
            ...run,
            ...shortTrainingOptimizer,
          })).dice;
        const seconds = Math.round((performance.now() - begin) / 1000);
        training = { side, seed, dice: found, seconds, date: new Date().toISOString() };
        await store.add(training);
      }
      dice[side].push(training.dice);
      console.log(describe(title, training, isStored));
    }
  }
  return judge(title, dice, epochs * iterations);
}

function describe(title: string, training: FinishedTraining, isStored: boolean): string {
  const { side, seed, dice, seconds, date } = training;
  return `${title}, seed ${seed}, ${side}: Dice ${dice.toFixed(4)} after ${seconds} s` +
    (isStored ? `, trained ${date}` : "");
}

/**
 * States the interval of the difference, and whether it meets the target.
 *
 * @param dice One value per seed.
 */
export function judge(
  title: string,
  dice: Record<Side, readonly number[]>,
  steps: number,
): Outcome {
  const { ours, nnunetv2 } = dice;
  const { difference, halfWidth }: Interval = differenceInterval(ours, nnunetv2);
  const figure = `${title}, ${steps} steps, ${ours.length} seeds a side: Dice ` +
    `${mean(ours).toFixed(4)}, nnunetv2 ${mean(nnunetv2).toFixed(4)}, difference ` +
    `${difference.toFixed(4)} ± ${halfWidth.toFixed(4)}`;
  // Trainings that learn nothing agree, too.
  const learned = Math.min(...ours, ...nnunetv2) > 0;
  const isMet = learned && Math.abs(difference) <= TARGET && halfWidth <= TARGET;
  return isMet ? { figure } : {
    figure,
    missed: `${figure}, expected within ± ${TARGET}, and above 0 in every training`,
  };
}

/** Trains a fold and returns the mean foreground Dice of its cases. */
async function trainOurs(
  { plans, configuration }: SharedPlan,
  run: { readonly epochs: number; readonly iterations: number; readonly seed: number },
): Promise<number> {
  const { learningRate, momentum } = shortTrainingOptimizer;
  const trainer = new Trainer(plans, configuration, {
    ...run,
    learningRate,
    sgd: { momentum },
    validationIterations: 1,
    threads: 1,
  });
  // An earlier seed's fold is not kept.
  await Deno.remove(trainer.folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  for await (const _ of trainer.fit({ validation: false }));
  return (await trainer.validate()).foregroundMean.dice;
}
