/**
 * nnU-Net's losses as graphs.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/loss/{dice,compound_losses,deep_supervision}.py
 */

import { sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import {
  abs,
  add,
  div,
  exp,
  log,
  logSoftmax,
  max,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  sigmoid,
  slice,
  sub,
  sum,
  topK,
} from "../graph/operators.ts";
import type { Heads } from "../model/heads.ts";
import { truthOf, validVoxels } from "./targets.ts";

/**
 * A loss of one output.
 *
 * @param logits (n, heads, …spatial)
 * @param target Labels of the output's resolution, int32, (n, 1, …spatial)
 * @returns A scalar.
 */
export type Loss = (logits: Value, target: Value) => Value;

/** Makes the loss for what the heads stand for, such as {@link diceAndCrossEntropy}. */
export type LossFor = (heads: Heads, options: DiceOptions) => Loss;

/** Spatial axes of a (n, c, …) value. */
function spatialAxes(x: Value): number[] {
  return x.shape.slice(2).map((_, i) => i + 2);
}

/** Sums over space first, where elements lie together. */
function sumPerClass(x: Value, batchDice: boolean): Value {
  const perSample = reduceSum(x, spatialAxes(x));
  return batchDice ? reduceSum(perSample, [0]) : perSample;
}

/** How the soft Dice is taken. */
export interface DiceOptions {
  /**
   * Sum over the whole batch and average over classes (true), or sum per sample and average over
   * samples and classes.
   */
  readonly batchDice: boolean;
  /** Added to numerator and denominator, 10⁻⁵ by default. */
  readonly smooth?: number;
}

/**
 * −mean((2I + s) / max(G + P + s, 10⁻⁸)) with I = Σ p·g, P = Σ p, G = Σ g, over labelled voxels.
 *
 * @param p Probabilities, (n, classes, …)
 * @param g Ones where a class is, zero where nobody labelled.
 */
function softDice(
  p: Value,
  g: Value,
  valid: Value | undefined,
  { batchDice, smooth = 1e-5 }: DiceOptions,
): Value {
  const overlap = sumPerClass(mul(p, g), batchDice);
  const predicted = sumPerClass(valid ? mul(p, valid) : p, batchDice);
  const total = add(sumPerClass(g, batchDice), predicted);
  return neg(reduceMean(div(add(mul(overlap, 2), smooth), max(add(total, smooth), 1e-8))));
}

/** Number of labelled voxels, at least one so that it can divide. */
function countOf(valid: Value | undefined, target: Value): Value | number {
  return valid ? max(reduceSum(valid), 1) : sizeOf(target.shape);
}

/** What the terms of a loss are made of. */
interface Parts {
  readonly logits: Value;
  readonly target: Value;
  readonly truth: Value;
  readonly valid: Value | undefined;
  /** Of all labels, where heads are labels. */
  readonly logProbabilities: Value | undefined;
}

function partsOf(logits: Value, target: Value, heads: Heads): Parts {
  return {
    logits,
    target,
    truth: truthOf(target, heads),
    valid: validVoxels(target, heads),
    logProbabilities: heads.regions ? undefined : logSoftmax(logits, 1),
  };
}

/** Background does not enter where heads are labels; regions have none. */
function diceTerm({ logits, truth, valid, logProbabilities }: Parts, options: DiceOptions): Value {
  if (!logProbabilities) return softDice(sigmoid(logits), truth, valid, options);
  const foreground = [{ axis: 1, start: 1 }];
  return softDice(
    slice(exp(logProbabilities), foreground),
    slice(truth, foreground),
    valid,
    options,
  );
}

/**
 * On softmax the mean over labelled voxels. On sigmoid the mean over voxels and regions; with an
 * ignore label, as upstream, the sum over regions of the means over labelled voxels.
 */
function crossEntropyTerm({ logits, target, truth, valid, logProbabilities }: Parts): Value {
  const count = countOf(valid, target);
  if (logProbabilities) return div(neg(reduceSum(mul(logProbabilities, truth))), count);
  // log(1 + exp(x)) − x·t, in a form that cannot overflow.
  const rest = log(add(exp(neg(abs(logits))), 1));
  const binary = add(sub(max(logits, 0), mul(logits, truth)), rest);
  return valid ? div(reduceSum(mul(binary, valid)), count) : reduceMean(binary);
}

/** How the hardest voxels are chosen. */
export interface TopKOptions {
  /** Share of all voxels in the batch, 10 % by default. */
  readonly percent?: number;
  /** Part of the truth that is spread evenly over all labels, 0 by default. */
  readonly labelSmoothing?: number;
}

/**
 * The mean cross-entropy of the voxels where it is largest. What nobody labelled has none, but
 * counts among all voxels.
 *
 * @throws {TypeError} If heads are regions.
 */
function topKTerm(
  { truth, valid, logProbabilities }: Parts,
  { percent = 10, labelSmoothing = 0 }: TopKOptions,
): Value {
  if (!logProbabilities) {
    throw new TypeError("Cannot take the hardest voxels: heads are regions, expected labels");
  }
  const surprise = neg(reduceSum(mul(logProbabilities, truth), [1], true));
  const voxels = sizeOf(surprise.shape);
  const spread = () => {
    const ofAll = neg(reduceMean(logProbabilities, [1], true));
    return mul(valid ? mul(ofAll, valid) : ofAll, labelSmoothing);
  };
  const losses = labelSmoothing === 0 ? surprise : add(mul(surprise, 1 - labelSmoothing), spread());
  const count = Math.max(1, Math.floor(voxels * percent / 100));
  return reduceMean(topK(reshape(losses, [voxels]), count, 0)[0]);
}

/**
 * nnU-Net's loss: soft Dice plus cross-entropy, weighing 1 and 1; both on softmax where heads are
 * labels, on sigmoid where they are regions. Voxels that nobody labelled do not enter.
 */
export function diceAndCrossEntropy(heads: Heads, options: DiceOptions): Loss {
  return (logits, target) => {
    const parts = partsOf(logits, target, heads);
    return add(crossEntropyTerm(parts), diceTerm(parts, options));
  };
}

/** The Dice part alone. */
export function diceLoss(heads: Heads, options: DiceOptions): Loss {
  return (logits, target) => diceTerm(partsOf(logits, target, heads), options);
}

/** The cross-entropy part alone. */
export function crossEntropyLoss(heads: Heads): Loss {
  return (logits, target) => crossEntropyTerm(partsOf(logits, target, heads));
}

/**
 * The cross-entropy of the hardest voxels alone.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/loss/robust_ce_loss.py `TopKLoss`
 */
export function topKLoss(heads: Heads, options: TopKOptions = {}): Loss {
  return (logits, target) => topKTerm(partsOf(logits, target, heads), options);
}

/** Soft Dice plus the cross-entropy of the hardest voxels, weighing 1 and 1. */
export function diceAndTopK(heads: Heads, options: DiceOptions & TopKOptions): Loss {
  return (logits, target) => {
    const parts = partsOf(logits, target, heads);
    return add(topKTerm(parts, options), diceTerm(parts, options));
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
 * @param weights One an output, {@link deepSupervisionWeights} by default.
 */
export function deeplySupervised(
  loss: Loss,
  outputs: readonly Value[],
  target: Value,
  weights: readonly number[] = deepSupervisionWeights(outputs.length),
): Value {
  const [batch, ...size] = target.shape;
  const labels = reshape(target, [batch, 1, ...size]);
  const terms = weights.flatMap((weight, i) =>
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
