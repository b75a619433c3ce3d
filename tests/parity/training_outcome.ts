/** Compares whole trainings with the same data, fold, plan and number of steps. */

import { Trainer } from "../../lib/trainer.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import { SHARED_CONFIGURATION, type SharedPlan } from "./shared_plan.ts";

/** Mean foreground Dice of the fold's cases, one value per seed. */
export interface Outcome {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** Extent of the trainings. */
export interface OutcomeOptions {
  readonly epochs: number;
  readonly iterations: number;
  /** Number of trainings on each side. */
  readonly seeds: number;
  readonly firstSeed: number;
}

/** Trains fold 0 with every seed on both sides, including the validation of whole cases. */
export async function compareOutcomes(
  peer: PythonPeer,
  { plans, job }: SharedPlan,
  { epochs, iterations, seeds, firstSeed }: OutcomeOptions,
): Promise<Outcome> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
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
    console.log(`${run}: validation Dice ${ours.at(-1)!.toFixed(4)}`);
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
