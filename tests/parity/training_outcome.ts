/** The whole of a training on both sides: same data, fold, plan and number of steps. */

import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { copyFile } from "../../lib/files/copy_file.ts";
import { fileNames } from "../../lib/files/paths.ts";
import { writeDatasetJson } from "../../lib/files/dataset_json.ts";
import { writeFingerprint } from "../../lib/files/fingerprint_json.ts";
import { writePlans } from "../../lib/files/plans_json.ts";
import { Planner } from "../../lib/planner.ts";
import { Trainer } from "../../lib/trainer.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import { pythonArguments } from "./training_steps.ts";
import type { Scans } from "./training_subjects.ts";

/** Mean foreground Dice of the fold's cases, a value a seed. */
export interface Outcome {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** How much is trained. */
export interface OutcomeOptions {
  readonly scans: Scans;
  /** Folder to work in. */
  readonly root: string;
  /** nnU-Net's preprocessed data sets. */
  readonly pythonPreprocessed: string;
  readonly epochs: number;
  readonly iterations: number;
  readonly seeds: number;
}

const CONFIGURATION = "3d_fullres";

/** Trains fold 0 with every seed on both sides, validation of whole cases included. */
export async function compareOutcomes(
  peer: PythonPeer,
  { scans, root, pythonPreprocessed, epochs, iterations, seeds }: OutcomeOptions,
): Promise<Outcome> {
  const dataset = await Dataset.create({
    root,
    id: 4,
    name: "Hippocampus",
    ...scans,
    channels: ["MRI"],
    classes: ["anterior", "posterior"],
  });
  const plans = await new Planner({
    baseFeatures: 16,
    overrides: { [CONFIGURATION]: { batchSize: 2 } },
  }).plan(dataset);
  await plans.preprocess(dataset, { configurations: [CONFIGURATION] });
  const job = pythonArguments({ name: CONFIGURATION, plans, configuration: CONFIGURATION });
  const folder = join(pythonPreprocessed, plans.data.datasetName);
  await writePlans(join(folder, fileNames.plans(plans.data.plansName)), plans.data);
  await writeDatasetJson(join(folder, fileNames.dataset), plans.dataset);
  await writeFingerprint(join(folder, fileNames.fingerprint), plans.fingerprint);
  for (const { name, label } of dataset.cases) {
    await copyFile(label, join(folder, fileNames.groundTruth, `${name}.nii.gz`));
  }
  await peer.ask({ command: "preprocess", ...job, id: 4 });

  const ours: number[] = [];
  const theirs: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const trainer = new Trainer(plans, CONFIGURATION, {
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
