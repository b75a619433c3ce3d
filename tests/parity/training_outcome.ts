/** The whole of a training on both sides: same data, fold, plan and number of steps. */

import { Trainer } from "../../lib/trainer.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import { SHARED_CONFIGURATION, type SharedPlanOptions, sharePlan } from "./shared_plan.ts";

/** Mean foreground Dice of the fold's cases, a value a seed. */
export interface Outcome {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** How much is trained. */
export interface OutcomeOptions
  extends Pick<SharedPlanOptions, "scans" | "root" | "pythonPreprocessed"> {
  readonly epochs: number;
  readonly iterations: number;
  readonly seeds: number;
}

/** Trains fold 0 with every seed on both sides, validation of whole cases included. */
export async function compareOutcomes(
  peer: PythonPeer,
  { epochs, iterations, seeds, ...where }: OutcomeOptions,
): Promise<Outcome> {
  const { plans, job } = await sharePlan(peer, { ...where, baseFeatures: 16, batchSize: 2 });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const trainer = new Trainer(plans, SHARED_CONFIGURATION, {
      epochs,
      iterations,
      validationIterations: 1,
      seed,
    });
    const run = `hippocampus, ${epochs * iterations} steps, seed ${seed}`;
    for await (const { epoch, log } of trainer.fit({ validation: false })) {
      const dice = log.meanForegroundDice[epoch].toFixed(4);
      console.log(`${run}: epoch ${epoch + 1} of ${epochs}, pseudo Dice ${dice}`);
    }
    ours.push((await trainer.validate()).foregroundMean.dice);
    console.log(`${run}: validation Dice ${ours[seed].toFixed(4)}`);
    const { dice } = await peer.ask<{ dice: number }>({
      command: "train",
      ...job,
      epochs,
      iterations,
      seed,
    });
    theirs.push(dice);
    console.log(`${run}: nnunetv2's validation Dice ${dice.toFixed(4)}`);
  }
  return { ours, theirs };
}
