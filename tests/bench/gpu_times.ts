/** Measures our training steps and inference on a device. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { DeviceWindow } from "../../lib/window/device/device_window.ts";
import { inferenceModel } from "../../lib/model/inference_graph.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { type Device, stepsOfRun } from "../../lib/runtime/device.ts";
import type { Batch } from "../../lib/training/batches/batch.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import { StepRunner } from "../../lib/training/step/step_runner.ts";
import { type BenchNetwork, CLASSES, networkOfBench } from "./plain_network.ts";

/** What is measured, and how. */
export interface Timed {
  readonly device: Device;
  readonly network: BenchNetwork;
  /** Mixed precision. */
  readonly half: boolean;
  readonly rounds: number;
  /** Called before each round. */
  readonly between: () => Promise<void>;
}

/** Milliseconds of a training step in each round, after one round to warm up. */
export async function trainTimes(
  { device, network: { patch, batch, features }, half, rounds, between }: Timed,
): Promise<number[]> {
  const stepsPerRun = stepsOfRun(device);
  const runner = await StepRunner.start({
    network: networkOfBench({ patch, batch, features }, true),
    loss: diceAndCrossEntropy({ count: CLASSES }, { batchDice: patch.length === 2 }),
    heads: { count: CLASSES },
    imageShape: [batch, 1, ...patch],
    device,
    stepsPerRun,
    ...half && { lossScaling: {} },
  }, (parameters) => ({ weights: initialWeights(parameters, createGenerator(0)) }));
  try {
    const batches = new Array<Batch>(stepsPerRun).fill(noiseBatch(patch, batch));
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      await between();
      const begin = performance.now();
      await runner.trainSteps(batches, 0.01);
      if (round > 0) times.push((performance.now() - begin) / stepsPerRun);
    }
    return times;
  } finally {
    runner.close();
  }
}

/**
 * Milliseconds of `passes` passes over a volume of one tile in each round, after one to warm up.
 */
export async function inferTimes(
  { device, network, half, rounds, between, passes }: Timed & { readonly passes: number },
): Promise<number[]> {
  const { patch } = network;
  const built = networkOfBench(network, false);
  const imageShape = [1, 1, ...patch];
  const parameters = parametersOf(built, imageShape);
  const weights = initialWeights(parameters, createGenerator(0));
  const model = inferenceModel(built, imageShape, parametersByName(parameters, weights));
  // The passes are mirrorings; in 2D, slices make up the rest.
  const mirrorAxes = patch.map((_, axis) => axis).slice(0, Math.log2(passes));
  const slices = passes / 2 ** mirrorAxes.length;
  const window = await DeviceWindow.open([model], {
    device,
    heads: CLASSES,
    tileSize: patch,
    mirrorAxes,
    half,
  });
  try {
    const size = patch.length === 2 ? [slices, ...patch] : patch;
    const volume = { shape: [1, ...size], data: noise(sizeOf(size)) };
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      await between();
      const begin = performance.now();
      await window.logits(volume);
      if (round > 0) times.push(performance.now() - begin);
    }
    return times;
  } finally {
    await window.close();
  }
}

function noise(length: number): Float32Array<ArrayBuffer> {
  const generator = createGenerator(1);
  return Float32Array.from({ length }, () => generator.normal());
}

/** A batch of noise with meaningless labels. */
export function noiseBatch(patchSize: readonly number[], batchSize: number): Batch {
  const voxels = batchSize * sizeOf(patchSize);
  return {
    data: noise(voxels),
    target: Uint8Array.from({ length: voxels }, (_, i) => Math.floor(i / 7) % CLASSES),
    caseNames: [],
    shape: { batchSize, channels: 1, patchSize },
  };
}
