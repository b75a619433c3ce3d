/**
 * Passes a training back and forth: nnU-Net begins it, we resume it, and nnU-Net resumes ours. Both
 * sides then segment the same scans with the final state.
 */

import { join } from "@std/path";
import type { Dataset } from "../../lib/dataset/dataset.ts";
import { copyFileAtomically } from "../../lib/files/copy_file.ts";
import { fileNames } from "../../lib/files/paths.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { Predictor } from "../../lib/predictor.ts";
import { Trainer } from "../../lib/trainer.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import { countForeground } from "./foreground.ts";
import { shortTrainingOptimizer } from "./short_training.ts";
import type { Subject } from "./training_subjects.ts";

/** Number of scans per subject to segment. */
const SCANS = 3;

/** Number of steps that we train, enough for a network to find foreground. */
const STEPS = 200;

/** The training to pass on. */
export interface RoundTripOptions {
  /** nnU-Net's checkpoint after its first epoch. */
  readonly begun: string;
  /** The job that made it, whose batches are on disk. */
  readonly job: Readonly<Record<string, unknown>>;
  /** Raw data set, whose first scans are segmented. */
  readonly dataset: Dataset;
  /** Folder for intermediate files. */
  readonly folder: string;
}

/**
 * Passes a training from nnU-Net to us and back.
 *
 * @returns Share of voxels with the same label; 0 if a side finds no foreground.
 */
export async function compareRoundTrip(
  peer: PythonPeer,
  { plans, configuration }: Subject,
  { begun, job, dataset, folder }: RoundTripOptions,
): Promise<number> {
  const { learningRate, momentum } = shortTrainingOptimizer;
  const trainer = new Trainer(plans, configuration, {
    epochs: 2,
    iterations: STEPS,
    validationIterations: 1,
    learningRate,
    sgd: { momentum },
  });
  await copyFileAtomically(begun, join(trainer.folder, fileNames.checkpointLatest));
  for await (const { epoch } of trainer.fit({ resume: true, validation: false })) {
    if (epoch !== 1) throw new Error(`Resumed with epoch ${epoch}, expected 1`);
  }
  const checkpoint = join(trainer.folder, fileNames.checkpointFinal);
  await peer.ask({ ...job, resume: checkpoint, output: checkpoint, steps: 5 });

  const cases = dataset.cases.slice(0, SCANS);
  await Deno.mkdir(folder, { recursive: true });
  const isCascade = trainer.configuration.previousStage !== undefined;
  await peer.ask({
    command: "predict",
    model: trainer.modelFolder,
    checkpoint: fileNames.checkpointFinal,
    images: cases.map(({ images }) => images),
    outputs: cases.map(({ name }) => join(folder, name)),
    // The labels replace the first stage's predictions.
    previous: isCascade ? join(dataset.folder, fileNames.labelsTr) : undefined,
  });
  using predictor = await Predictor.open(trainer.folder);
  let same = 0;
  let total = 0;
  let foreground = 0;
  for (const { name, images, label } of cases) {
    const previousStage = isCascade ? await readSegmentation(label) : undefined;
    const found = await predictor.predict(images, { previousStage });
    const expected = await readSegmentation(join(folder, `${name}.nii.gz`));
    expected.data.forEach((label, voxel) => {
      if (label === found.data[voxel]) same++;
    });
    total += expected.data.length;
    foreground += Math.min(countForeground(found.data), countForeground(expected.data));
  }
  // Empty label maps would agree whatever the checkpoints contain.
  if (foreground === 0) return 0;
  return same / total;
}
