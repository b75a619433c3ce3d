/** Builds the graphs of training and validation steps. */

import type { Shape } from "../../array/nd_array.ts";
import { gradients } from "../../autodiff/backward.ts";
import { Graph, type Value } from "../../graph/graph.ts";
import {
  cast,
  concat,
  div,
  mul,
  reduceSum,
  reshape,
  slice,
  split,
  sub,
  where,
} from "../../graph/operators.ts";
import { chosenHeads } from "../../labels/label_rule_graph.ts";
import type { Heads } from "../../model/heads.ts";
import type { Network, ParameterSpec, TrainingMode } from "../../network/network.ts";
import { isFiniteNorm, type LossScaling, scaleAfter, scaleOf } from "./loss_scaling.ts";
import { deeplySupervised, type Loss } from "./losses.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";
import { stepNames } from "./step_names.ts";
import { truthOf, validVoxels } from "./targets.ts";
import { bufferLayout, endToEnd, layoutOf, parametersIn, trainedLayout } from "./vector_layout.ts";

/** A network, the shape of its batches, and the loss of its outputs. */
export interface StepDefinition {
  readonly network: Network;
  readonly loss: Loss;
  readonly heads: Heads;
  /** (n, c, …patch) */
  readonly imageShape: Shape;
  /** Whether the loss includes the lower-resolution outputs; true by default. */
  readonly deepSupervision?: boolean;
}

/** What training and validation graphs are built from. */
export interface StepParts extends StepDefinition {
  /** The network's parameters, in the order of the flat vectors. */
  readonly parameters: readonly ParameterSpec[];
  /** Each parameter starts at a multiple of this many elements of the vectors; 1 by default. */
  readonly row?: number;
}

function forward(
  { network, parameters, loss, imageShape, deepSupervision = true, row = 1 }: StepParts,
  isTraining: boolean,
) {
  const graph = new Graph();
  const layout = layoutOf(parameters, row);
  const [batch, , ...patch] = imageShape;
  const image = graph.input(stepNames.image, "float32", imageShape);
  const target = graph.input(stepNames.target, "uint8", [batch, ...patch]);
  const flat = graph.input(stepNames.weights, "float32", [layout.size]);
  const source = parametersIn(flat, layout);
  const requested = new Map<string, Value>();
  const updated = new Map<string, Value>();
  let draws = 0;
  const training: TrainingMode = {
    uniform: (shape) => graph.input(`${stepNames.random}${draws++}`, "float32", shape),
    update: (name, value) => updated.set(name, value),
  };
  const outputs = network(image, (name, shape, initialization) => {
    const value = source(name, shape, initialization);
    requested.set(name, value);
    return value;
  }, isTraining ? training : undefined);
  const labels = cast(target, "int32");
  const weights = deepSupervision ? undefined : outputs.map((_, i) => i === 0 ? 1 : 0);
  const total = deeplySupervised(loss, outputs, labels, weights);
  return { graph, weights: flat, labels, outputs, requested, updated, layout, loss: total };
}

/**
 * Builds the graph of a training step: forward, loss, backward and update.
 *
 * Its inputs are the image, target, weights, momentum, learning rate and the random numbers that
 * the network asks for; its outputs the new weights, new momentum, loss and gradient norm. The
 * parameters are one vector in the order of `parts.parameters`, buffers last.
 *
 * @param lossScaling For half precision; adds the scaling's state as an input and an output.
 */
export function trainingGraph(
  parts: StepParts,
  optimizer: Optimizer = sgd(),
  lossScaling?: LossScaling,
): Graph {
  const { graph, weights: all, requested, updated, layout, loss } = forward(parts, true);
  const trained = trainedLayout(layout);
  const buffers = bufferLayout(layout);
  requireUpdates(buffers.parameters, updated);
  const [weights] = buffers.size > 0 ? split(all, [trained.size, buffers.size], 0) : [all];
  /** Appends the buffers, which the network sets, to weights that the optimiser has updated. */
  const withBuffers = (newWeights: Value) =>
    buffers.size === 0 ? newWeights : concat([
      newWeights,
      endToEnd(
        buffers.parameters.map(({ name }) => updated.get(name) ?? requested.get(name)!),
        buffers,
      ),
    ], 0);
  const momentum = graph.input(stepNames.momentum, "float32", [optimizer.stateSize(trained.size)]);
  const learningRate = graph.input(stepNames.learningRate, "float32", []);
  const variables = trained.parameters.map(({ name }) => requested.get(name)!);
  const flatGradient = (of: Value) => endToEnd(gradients(of, variables), trained);
  if (lossScaling) {
    const scaling = graph.input(stepNames.scaling, "float32", [2]);
    const scale = scaleOf(scaling);
    const gradient = div(flatGradient(mul(loss, scale)), scale);
    const step = optimizer.step(weights, momentum, gradient, learningRate);
    const finite = isFiniteNorm(step.gradientNorm);
    graph.output(stepNames.newWeights, withBuffers(where(finite, step.weights, weights)));
    graph.output(stepNames.newMomentum, where(finite, step.state, momentum));
    graph.output(stepNames.newScaling, scaleAfter(scaling, finite, lossScaling));
    graph.output(stepNames.loss, loss);
    graph.output(stepNames.gradientNorm, step.gradientNorm);
    return graph;
  }
  const step = optimizer.step(weights, momentum, flatGradient(loss), learningRate);
  graph.output(stepNames.newWeights, withBuffers(step.weights));
  graph.output(stepNames.newMomentum, step.state);
  graph.output(stepNames.loss, loss);
  graph.output(stepNames.gradientNorm, step.gradientNorm);
  return graph;
}

/** @throws {TypeError} If batch normalisation does not know that it is trained. */
function requireUpdates(
  buffers: readonly ParameterSpec[],
  updated: ReadonlyMap<string, Value>,
): void {
  const frozen = buffers.find(({ name }) => name.endsWith(".running_mean") && !updated.has(name));
  if (!frozen) return;
  throw new TypeError(
    `Cannot train the network: it does not update ${frozen.name}, expected it to pass its third ` +
      "argument, which it is given in training steps, on to its layers",
  );
}

/**
 * Builds the graph of a validation step: forward, loss, and the counts from which the pseudo Dice
 * is computed, over the annotated voxels at full resolution.
 *
 * Its inputs are the image, target and weights; its outputs the loss and counts.
 */
export function validationGraph(parts: StepParts): Graph {
  const { graph, labels, outputs, loss } = forward(parts, false);
  const { heads } = parts;
  const [logits] = outputs;
  const [batch, channels, ...size] = logits.shape;
  const target = reshape(labels, [batch, 1, ...size]);
  const truth = truthOf(target, heads);
  const chosen = chosenHeads(logits, heads);
  const valid = validVoxels(target, heads);
  const predicted = valid ? mul(chosen, valid) : chosen;
  const first = heads.regions ? 0 : 1; // Regions have no background.
  const overAll = (x: Value) =>
    slice(
      reduceSum(reduceSum(x, size.map((_, i) => i + 2)), [0]),
      [{ axis: 0, start: first }],
    );
  const hits = overAll(mul(truth, predicted));
  const row = (x: Value) => reshape(x, [1, channels - first]);
  graph.output(stepNames.loss, loss);
  graph.output(
    stepNames.counts,
    concat([row(hits), row(sub(overAll(predicted), hits)), row(sub(overAll(truth), hits))], 0),
  );
  return graph;
}
