/** The networks whose training steps are measured, and batches for them. */

import { type Shape, sizeOf } from "../../lib/array/nd_array.ts";
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

/** Labels, background included. */
export const CLASSES = 3;

/** What a network is trained with, and how wide its stages are. */
interface NetSettings {
  readonly patch: Shape;
  readonly batch: number;
  readonly features: readonly number[];
}

/** Kernels of 3 everywhere, strides of 2 between stages. */
function architectureOf({ patch, features }: NetSettings) {
  return {
    kernels: features.map(() => patch.map(() => 3)),
    strides: features.map((_, stage) => patch.map(() => stage === 0 ? 1 : 2)),
    batchDice: patch.length === 2,
  };
}

/** What Python's side is told of a network. */
export function pythonSetting(name: NetName) {
  const { target: _, ...settings } = nets[name];
  return {
    ...settings,
    ...architectureOf(settings),
    classes: CLASSES,
    threads: navigator.hardwareConcurrency,
  };
}

/** What our side's step is made of. */
export function stepParts(name: NetName): Omit<StepParts, "parameters"> {
  return stepPartsOf(nets[name]);
}

/** The same of any settings. */
export function stepPartsOf(settings: NetSettings): Omit<StepParts, "parameters"> {
  const { patch, batch, features } = settings;
  const { kernels, strides, batchDice } = architectureOf(settings);
  return {
    network: plainUNet({
      networkClassName: "dynamic_network_architectures.architectures.unet.PlainConvUNet",
      dimensions: patch.length as 2 | 3,
      featuresPerStage: features,
      kernelSizes: kernels,
      strides,
      convsPerStage: features.map(() => 2),
      convsPerStageDecoder: features.slice(1).map(() => 2),
    }, { heads: CLASSES, deepSupervision: true }),
    loss: diceAndCrossEntropy({ heads: CLASSES }, { batchDice }),
    targets: { heads: CLASSES },
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
    target: Uint8Array.from({ length: voxels }, () => Math.floor(CLASSES * generator.uniform())),
    caseNames: [],
    shape: { batchSize, channels: 1, patchSize },
  };
}
