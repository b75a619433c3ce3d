/** The networks whose training steps are measured, and batches for them. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { plainUNet } from "../../lib/network/plain_unet.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { Batch } from "../../lib/training/batch.ts";
import { diceAndCrossEntropy } from "../../lib/training/losses.ts";
import type { StepParts } from "../../lib/training/step_graph.ts";

/** By letter: patch, batch and features of every stage; how many times PyTorch's speed is wanted. */
export const nets = {
  a: { patch: [40, 56, 40], batch: 2, features: [32, 64, 128, 256], target: 1.3 },
  b: { patch: [32, 32, 32], batch: 2, features: [16, 32, 64], target: 1.0 },
  c: { patch: [56, 40], batch: 32, features: [32, 64, 128, 256], target: 1.3 },
  d: { patch: [64, 64, 64], batch: 2, features: [32, 64, 128, 256, 320], target: 1.6 },
} as const;

export type NetName = keyof typeof nets;

const classes = 3;

/** What Python's side is told of a network. */
export function pythonSetting(name: NetName) {
  const { patch, batch, features } = nets[name];
  return {
    patch,
    batch,
    features,
    kernels: features.map(() => patch.map(() => 3)),
    strides: features.map((_, stage) => patch.map(() => stage === 0 ? 1 : 2)),
    classes,
    batchDice: patch.length === 2,
    threads: navigator.hardwareConcurrency,
  };
}

/** What our side's step is made of. */
export function stepParts(name: NetName): Omit<StepParts, "parameters"> {
  const { patch, batch, features, kernels, strides, batchDice } = pythonSetting(name);
  return {
    network: plainUNet({
      networkClassName: "dynamic_network_architectures.architectures.unet.PlainConvUNet",
      dimensions: patch.length as 2 | 3,
      featuresPerStage: features,
      kernelSizes: kernels,
      strides,
      convsPerStage: features.map(() => 2),
      convsPerStageDecoder: features.slice(1).map(() => 2),
    }, { heads: classes, deepSupervision: true }),
    loss: diceAndCrossEntropy({ heads: classes }, { batchDice }),
    targets: { heads: classes },
    imageShape: [batch, 1, ...patch],
  };
}

/** Noise, and labels of nothing. */
export function randomBatch(name: NetName): Batch {
  const { patch: patchSize, batch: batchSize } = nets[name];
  const generator = createGenerator(1);
  const voxels = batchSize * sizeOf(patchSize);
  return {
    data: Float32Array.from({ length: voxels }, () => generator.normal()),
    target: Uint8Array.from({ length: voxels }, () => Math.floor(classes * generator.uniform())),
    caseNames: [],
    shape: { batchSize, channels: 1, patchSize },
  };
}
