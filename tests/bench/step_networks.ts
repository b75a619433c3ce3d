/** The networks whose training steps are measured, and batches for them. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { Batch } from "../../lib/training/batches/batch.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import type { StepParts } from "../../lib/training/step/step_graph.ts";
import { type BenchNetwork, CLASSES, geometryOf, networkOfBench } from "./plain_network.ts";

/** Networks by letter, and their targets as multiples of PyTorch's speed. */
export const nets = {
  a: { patch: [40, 56, 40], batch: 2, features: [32, 64, 128, 256], target: 1.3 },
  b: { patch: [32, 32, 32], batch: 2, features: [16, 32, 64], target: 1.0 },
  c: { patch: [56, 40], batch: 32, features: [32, 64, 128, 256], target: 1.3 },
  d: { patch: [64, 64, 64], batch: 2, features: [32, 64, 128, 256, 320], target: 1.6 },
} as const;

export type NetName = keyof typeof nets;

/** A network's settings for Python. */
export function pythonSetting(name: NetName) {
  const { target: _, ...settings } = nets[name];
  return {
    ...settings,
    ...geometryOf(settings),
    batchDice: batchDiceOf(settings),
    classes: CLASSES,
    threads: navigator.hardwareConcurrency,
  };
}

/** The parts of a network's training step. */
export function stepParts(name: NetName): Omit<StepParts, "parameters"> {
  return stepPartsOf(nets[name]);
}

/** The parts of a training step with other settings. */
export function stepPartsOf(settings: BenchNetwork): Omit<StepParts, "parameters"> {
  const { patch, batch } = settings;
  return {
    network: networkOfBench(settings, true),
    loss: diceAndCrossEntropy({ count: CLASSES }, { batchDice: batchDiceOf(settings) }),
    heads: { count: CLASSES },
    imageShape: [batch, 1, ...patch],
  };
}

/** Whether Dice is computed over the whole batch, as nnU-Net's plans do in 2D. */
function batchDiceOf({ patch }: BenchNetwork): boolean {
  return patch.length === 2;
}

/** A batch of noise with random labels. */
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
