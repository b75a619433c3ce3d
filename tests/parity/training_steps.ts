/** Trains on both sides with the same batches from the same weights. */

import { join } from "@std/path";
import type { NdArray, Shape } from "../../lib/array/nd_array.ts";
import { readCheckpoint, writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { formatDatasetJson } from "../../lib/files/dataset_json.ts";
import { formatPlans } from "../../lib/files/plans_json.ts";
import type { NnunetCheckpoint } from "../../lib/interop/nnunet_checkpoint.ts";
import { emptyLog } from "../../lib/interop/training_log.ts";
import { initialWeights } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { BatchLoader } from "../../lib/training/batches/batch_loader.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import { sgd } from "../../lib/training/step/sgd.ts";
import { StepRunner } from "../../lib/training/step/step_runner.ts";
import { headsOf } from "../../lib/model/heads.ts";
import { DEFAULT_TRAINER } from "../../lib/training/trainer_variants.ts";
import { fromCheckpoint, toCheckpoint } from "../../lib/training/training_state.ts";
import { listCases } from "../../lib/preprocessing/storage.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import type { Subject } from "./training_subjects.ts";

/** A job for nnU-Net: trains on batches in a file from the weights in a checkpoint. */
export interface StepsJob {
  readonly command: "steps";
  readonly weights: string;
  readonly batches: string;
  /** Shape of a batch's images, (n, c, …patch). */
  readonly shape: Shape;
  readonly steps: number;
  readonly [argument: string]: unknown;
}

/** Difference between two runs of the steps. */
export interface Distance {
  /**
   * Largest difference of a loss, relative to the loss's distance from its minimum, −1: the loss
   * itself, cross-entropy minus Dice, passes through zero.
   */
  readonly loss: number;
  /** Largest difference of a loss, relative to the loss itself. */
  readonly lossItself: number;
  /** Norm of the difference of all weights, relative to that of the weights. */
  readonly weights: number;
}

/** Results of the steps. */
export interface StepsResult {
  /** The job that nnU-Net ran. */
  readonly job: StepsJob;
  /** Difference of ours from PyTorch's. */
  readonly difference: Distance;
  /** For scale, the difference between PyTorch with its other convolution kernels and PyTorch. */
  readonly pytorch: Distance;
  /** Difference of each from PyTorch in float64, as a reference: rounding grows with training. */
  readonly fromExact: Readonly<Record<"ours" | "pytorch" | "otherKernels", Distance>>;
}

/** Settings of nnU-Net's trainer. */
export function pythonArguments({ plans, configuration }: Subject) {
  return {
    plans: JSON.parse(formatPlans(plans.plansData)),
    dataset: formatDatasetJson(plans.datasetJson),
    configuration,
  };
}

/** Learning rate of every step. */
export const LEARNING_RATE = 0.01;

function imageShapeOf({ plans, configuration, previousStage }: Subject): Shape {
  const { batchSize, patchSize } = plans.configuration(configuration);
  const channels = plans.datasetJson.channelNames.length + (previousStage?.labels.length ?? 0);
  return [batchSize, channels, ...patchSize];
}

/** A training of the subject, from a checkpoint or new weights. */
export function startRunner(subject: Subject, begun?: NnunetCheckpoint): Promise<StepRunner> {
  const { plans, configuration } = subject;
  const { architecture, batchDice } = plans.configuration(configuration);
  const heads = headsOf(plans.datasetJson);
  return StepRunner.start(
    {
      network: networkOf(architecture, { heads: heads.count, deepSupervision: true }),
      loss: diceAndCrossEntropy(heads, { batchDice }),
      heads,
      imageShape: imageShapeOf(subject),
    },
    (parameters) =>
      begun
        ? fromCheckpoint(begun, parameters, 1).optimizer
        : { weights: initialWeights(parameters, createGenerator(1)) },
  );
}

/** The state of a training before its first epoch has ended. */
export async function checkpointOf(
  runner: StepRunner,
  subject: Subject,
): Promise<NnunetCheckpoint> {
  const { plans, dataset, configuration } = pythonArguments(subject);
  return toCheckpoint({
    epoch: 0,
    epochLosses: [],
    epochStart: 0,
    seed: 1,
    bestEma: null,
    log: emptyLog,
    optimizer: await runner.state(),
  }, {
    parameters: runner.parameters,
    initArgs: { plans, configuration, fold: 0, datasetJson: JSON.parse(JSON.stringify(dataset)) },
    trainerName: DEFAULT_TRAINER,
    learningRate: LEARNING_RATE,
    initialLearningRate: LEARNING_RATE,
    optimizer: sgd(),
    mirrorAxes: [],
    split: { train: [], validation: [] },
    options: {},
  });
}

/**
 * Trains on both sides.
 *
 * @param output Path of the checkpoint to which nnU-Net writes its final state.
 */
export async function compareSteps(
  peer: PythonPeer,
  subject: Subject,
  { steps, folder, output }: { steps: number; folder: string; output: string },
): Promise<StepsResult> {
  const { plans, previousStage } = subject;
  const configuration = plans.configuration(subject.configuration);
  const { patchSize, batchSize, useMaskForNorm } = configuration;
  const casesFolder = join(plans.folder, configuration.dataIdentifier);
  const heads = headsOf(plans.datasetJson);
  const runner = await startRunner(subject);
  const loader = await BatchLoader.open({
    folder: casesFolder,
    caseNames: await listCases(casesFolder),
    previousStage,
    patchSize,
    batchSize,
    pipeline: { purpose: "training", useMaskForNorm },
    seed: 1,
  });
  const weightsPath = join(folder, "start.pth");
  const batchesPath = join(folder, "batches.bin");
  try {
    await writeCheckpoint(weightsPath, await checkpointOf(runner, subject));
    const losses: number[] = [];
    using file = await Deno.open(batchesPath, { write: true, create: true, truncate: true });
    for (let step = 0; step < steps; step++) {
      const batch = await loader.next();
      for (const { buffer } of [batch.data, batch.target]) await writeAll(file, buffer);
      const { loss, batch: used } = await runner.train(batch, LEARNING_RATE);
      loader.recycle(used);
      losses.push(loss);
    }
    const job: StepsJob = {
      command: "steps",
      ...pythonArguments(subject),
      weights: weightsPath,
      batches: batchesPath,
      shape: imageShapeOf(subject),
      classes: heads.regions ? heads.count : heads.count - 1,
      steps,
    };
    const ask = async (how: object): Promise<Run> => {
      const { losses } = await peer.ask<Pick<Run, "losses">>({ ...job, output, ...how });
      return { losses, weights: (await readCheckpoint(output)).networkWeights };
    };
    const exact = await ask({ double: true });
    const otherKernels = await ask({ otherKernels: true });
    const pytorch = await ask({});
    const { weights } = await runner.state();
    const ours: Run = { losses, weights: parametersByName(runner.parameters, weights) };
    return {
      job,
      difference: distance(ours, pytorch),
      pytorch: distance(otherKernels, pytorch),
      fromExact: {
        ours: distance(ours, exact),
        pytorch: distance(pytorch, exact),
        otherKernels: distance(otherKernels, exact),
      },
    };
  } finally {
    loader.close();
    runner.close();
  }
}

/** Losses of all steps and the weights after the last. */
interface Run {
  readonly losses: readonly number[];
  readonly weights: ReadonlyMap<string, NdArray>;
}

function distance(found: Run, expected: Run): Distance {
  return {
    loss: lossesApart(found.losses, expected.losses, 1),
    lossItself: lossesApart(found.losses, expected.losses, 0),
    weights: weightsApart(found.weights, expected.weights),
  };
}

/** Largest difference of a loss, relative to the loss plus `shift`. */
export function lossesApart(
  found: readonly number[],
  expected: readonly number[],
  shift: number,
): number {
  return Math.max(...expected.map((loss, i) => Math.abs((found[i] - loss) / (loss + shift))));
}

function weightsApart(
  found: ReadonlyMap<string, NdArray>,
  expected: ReadonlyMap<string, NdArray>,
): number {
  let difference = 0;
  let total = 0;
  for (const [name, { data }] of expected) {
    const others = found.get(name)!.data;
    for (let i = 0; i < data.length; i++) {
      difference += (data[i] - others[i]) ** 2;
      total += data[i] ** 2;
    }
  }
  return Math.sqrt(difference / total);
}

async function writeAll(file: Deno.FsFile, buffer: ArrayBuffer): Promise<void> {
  const bytes = new Uint8Array(buffer);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
