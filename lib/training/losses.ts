/**
 * nnU-Net's losses as graphs.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/loss/{dice,compound_losses,deep_supervision}.py
 */

import { sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import {
  add,
  cast,
  div,
  equal,
  exp,
  logSoftmax,
  max,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  sum,
} from "../graph/operators.ts";

/**
 * A loss of one output.
 *
 * @param logits (n, heads, …spatial)
 * @param target Labels of the output's resolution, int32, (n, 1, …spatial)
 * @returns A scalar.
 */
export type Loss = (logits: Value, target: Value) => Value;

/** Labels as one channel a class: (n, 1, …) int32 → (n, classes, …) float32 of zeros and ones. */
export function oneHot(target: Value, classes: number): Value {
  const axes = target.shape.length - 2;
  const labels = target.graph.constant(
    "int32",
    [1, classes, ...new Array<number>(axes).fill(1)],
    Int32Array.from({ length: classes }, (_, i) => i),
  );
  return cast(equal(target, labels), "float32");
}

/** Spatial axes of a (n, c, …) value, preceded by the batch's where the whole batch is meant. */
function summedAxes(x: Value, batchToo: boolean): number[] {
  const spatial = x.shape.slice(2).map((_, i) => i + 2);
  return batchToo ? [0, ...spatial] : spatial;
}

/** Sums over space first, where elements lie together. */
function sumPerClass(x: Value, batchDice: boolean): Value {
  const perSample = reduceSum(x, summedAxes(x, false));
  return batchDice ? reduceSum(perSample, [0]) : perSample;
}

const SMOOTH = 1e-5;

/**
 * Soft Dice loss plus cross-entropy on softmax, as nnU-Net weighs them: 1 and 1. Background does
 * not enter the Dice.
 *
 * With I = Σ p·g, P = Σ p, G = Σ g the Dice term is −mean((2I + 10⁻⁵) / max(G + P + 10⁻⁵, 10⁻⁸)).
 *
 * @param batchDice Sum over the whole batch and average over classes (true), or sum per sample and
 * average over samples and classes.
 */
export function diceAndCrossEntropy({ batchDice }: { batchDice: boolean }): Loss {
  return (logits, target) => {
    const classes = logits.shape[1];
    const truth = oneHot(target, classes);
    const logProbabilities = logSoftmax(logits, 1);

    const voxels = sizeOf(logits.shape) / classes;
    const crossEntropy = div(neg(reduceSum(mul(logProbabilities, truth))), voxels);

    const foreground = [{ axis: 1, start: 1 }];
    const p = slice(exp(logProbabilities), foreground);
    const g = slice(truth, foreground);
    const overlap = sumPerClass(mul(p, g), batchDice);
    const total = add(sumPerClass(g, batchDice), sumPerClass(p, batchDice));
    const dice = div(add(mul(overlap, 2), SMOOTH), max(add(total, SMOOTH), 1e-8));
    return add(crossEntropy, neg(reduceMean(dice)));
  };
}

/**
 * Weights of the outputs, highest resolution first: halved from one to the next, nothing for the
 * lowest, summing to one. A network with a single output gives it all.
 */
export function deepSupervisionWeights(outputs: number): number[] {
  if (outputs === 1) return [1];
  const weights = Array.from({ length: outputs }, (_, i) => i === outputs - 1 ? 0 : 2 ** -i);
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/**
 * The weighted loss over all outputs; labels are brought to each output's resolution by taking the
 * nearest voxel.
 *
 * @param outputs Logits, highest resolution first.
 * @param target int32 labels, (n, …spatial)
 */
export function deeplySupervised(loss: Loss, outputs: readonly Value[], target: Value): Value {
  const [batch, ...size] = target.shape;
  const labels = reshape(target, [batch, 1, ...size]);
  const terms = deepSupervisionWeights(outputs.length).flatMap((weight, i) =>
    weight === 0 ? [] : [mul(loss(outputs[i], nearestLabels(labels, outputs[i])), weight)]
  );
  return sum(terms);
}

/**
 * Labels at an output's resolution: of each stride's voxels the one at ⌊stride / 2⌋, which is what
 * PyTorch's "nearest-exact" takes for whole ratios.
 */
function nearestLabels(labels: Value, output: Value): Value {
  const ranges = labels.shape.flatMap((extent, axis) => {
    if (axis < 2) return [];
    const step = extent / output.shape[axis];
    return step === 1 ? [] : [{ axis, start: Math.floor(step / 2), step }];
  });
  return ranges.length ? slice(labels, ranges) : labels;
}
