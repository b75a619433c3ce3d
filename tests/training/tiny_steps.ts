/** Defines a network of a few thousand parameters, and batches to train it step by step. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { initialWeights } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { Batch } from "../../lib/training/batches/batch.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import { StepRunner, type StepRunnerOptions } from "../../lib/training/step/step_runner.ts";

const patchSize = [8, 8, 8];
const heads = { count: 3 };

/** Definition of a step. */
export const tinyParts = {
  network: networkOf({
    networkClassName: "PlainConvUNet",
    dimensions: 3,
    featuresPerStage: [4, 8],
    kernelSizes: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
    convsPerStage: [1, 2],
    convsPerStageDecoder: [1],
  }, { heads: heads.count, deepSupervision: true }),
  loss: diceAndCrossEntropy(heads, { batchDice: false }),
  heads,
  imageShape: [2, 1, ...patchSize],
};

/** Starts a runner of tiny steps. @param initial Starting state; random weights by default. */
export function startTinySteps(
  options: Partial<StepRunnerOptions> = {},
  initial: Parameters<typeof StepRunner.start>[1] = (parameters) => ({
    weights: initialWeights(parameters, createGenerator(0)),
  }),
): Promise<StepRunner> {
  return StepRunner.start({ ...tinyParts, threads: 1, ...options }, initial);
}

/** Creates a batch of images that are their labels plus noise. */
export function tinyBatch(seed: number): Batch {
  const generator = createGenerator(seed);
  const voxels = 2 * sizeOf(patchSize);
  const target = Uint8Array.from({ length: voxels }, (_, i) => Math.floor(i / 256) % 3);
  return {
    data: Float32Array.from(target, (label) => label + generator.normal()),
    target,
    caseNames: [],
    shape: { batchSize: 2, channels: 1, patchSize },
  };
}
