/** Profiles a training step on a GPU. */

import { halveFor, lowerFor } from "../../lib/lowering/for_device.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { type Device, vectorRow } from "../../lib/runtime/device.ts";
import { initialScaling } from "../../lib/training/step/loss_scaling.ts";
import { trainingGraph } from "../../lib/training/step/step_graph.ts";
import { stepNames } from "../../lib/training/step/step_names.ts";
import { laidOut, layoutOf } from "../../lib/training/step/vector_layout.ts";
import { noiseBatch } from "./gpu_times.ts";
import type { BenchNetwork } from "./plain_network.ts";
import { stepPartsOf } from "./step_networks.ts";
import { parts, profileStep, type StepProfile } from "./step_profile.ts";

/** Number of operators listed. */
const LISTED = 25;

/** Profiles a network's training step, as medians of several runs. */
export function profileTraining(
  device: Device,
  network: BenchNetwork,
  half: boolean,
  runs: number,
): Promise<StepProfile> {
  const made = stepPartsOf(network);
  const parameters = parametersOf(made.network, made.imageShape);
  const row = vectorRow(device);
  const training = trainingGraph({ ...made, parameters, row }, undefined, half ? {} : undefined);
  const graph = half ? halveFor(device, training) : training;
  const weights = laidOut(
    initialWeights(parameters, createGenerator(0)),
    layoutOf(parameters, row),
  );
  const { patch, batch } = network;
  const { data, target } = noiseBatch(patch, batch);
  const vector = (data: Float32Array<ArrayBuffer>) =>
    ({ type: "float32", shape: [data.length], data }) as const;
  return profileStep(graph, lowerFor(device, graph), {
    [stepNames.image]: { type: "float32", shape: made.imageShape, data },
    [stepNames.target]: { type: "uint8", shape: [batch, ...patch], data: target },
    [stepNames.weights]: vector(weights),
    [stepNames.momentum]: vector(new Float32Array(weights.length)),
    [stepNames.learningRate]: { type: "float32", shape: [], data: Float32Array.of(0.01) },
    ...half && { [stepNames.scaling]: vector(initialScaling()) },
  }, { device, threads: navigator.hardwareConcurrency, runs });
}

/** Formats the times of parts and of the slowest operators, in milliseconds. */
export function formatProfile({ parts: times, operators, outside }: StepProfile): string {
  return [
    parts.map((part) => `${part} ${times[part].toFixed(1)}`).join(", ") +
    `, between kernels ${outside.toFixed(1)}`,
    ...operators.slice(0, LISTED).map(({ name, milliseconds }) =>
      `${milliseconds.toFixed(2).padStart(8)}  ${name}`
    ),
  ].join("\n");
}
