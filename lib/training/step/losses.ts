/**
 * Builds nnU-Net's losses as graphs.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/loss/{dice,compound_losses,deep_supervision}.py
 */

import { sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
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
} from "../../graph/operators.ts";
import type { Heads } from "../../model/heads.ts";
import { truthOf, validVoxels } from "./targets.ts";

/**
 * The loss of one output.
 *
 * @param logits Float32, (n, heads, …spatial).
 * @param target Labels at the output's resolution, int32, (n, 1, …spatial).
 * @returns A float32 scalar.
 */
export type Loss = (logits: Value, target: Value) => Value;

/** Makes a loss for the labels or regions that the heads predict: {@link diceAndCrossEntropy}. */
export type LossFor = (heads: Heads, options: DiceOptions) => Loss;

/** The spatial axes of a value (n, c, …spatial). */
function spatialAxes(x: Value): number[] {
  return x.shape.slice(2).map((_, i) => i + 2);
}

/** Sums per class; over space first, where elements are contiguous. */
function sumPerClass(x: Value, batchDice: boolean): Value {
  const perSample = reduceSum(x, spatialAxes(x));
  return batchDice ? reduceSum(perSample, [0]) : perSample;
}

/** How the soft Dice is computed. */
export interface DiceOptions {
  /**
   * Whether to sum over the whole batch and average over classes, rather than to sum per sample and
   * average over samples and classes.
   */
  readonly batchDice: boolean;
  /** Added to numerator and denominator, 10⁻⁵ by default. */
  readonly smooth?: number;
}

/**
 * The negative soft Dice, −mean((2I + s) / max(G + P + s, 10⁻⁸)) with I = Σ p·g, P = Σ p and G = Σ
 * g over annotated voxels.
 *
 * @param p Probabilities, (n, classes, …spatial).
 * @param g One where a class is present, zero elsewhere and where unannotated, (n, classes,
 * …spatial).
 * @param valid One where annotated, zero elsewhere, (n, 1, …spatial); undefined if all voxels are.
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

/** The number of annotated voxels, at least 1 so that it can be a divisor. */
function countOf(valid: Value | undefined, target: Value): Value | number {
  return valid ? max(reduceSum(valid), 1) : sizeOf(target.shape);
}

/** The values that a loss's terms are computed from. */
interface Parts {
  readonly logits: Value;
  readonly target: Value;
  readonly truth: Value;
  readonly valid: Value | undefined;
  /** Log-probabilities of all labels; undefined if the heads are regions. */
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

/** The Dice term; it excludes background if the heads are labels. Regions have none. */
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
 * The cross-entropy term. With softmax, it is the mean over annotated voxels; with sigmoid, the
 * mean over voxels and regions or, with an ignore label, as upstream, the sum over regions of the
 * means over annotated voxels.
 */
function crossEntropyTerm({ logits, target, truth, valid, logProbabilities }: Parts): Value {
  const count = countOf(valid, target);
  if (logProbabilities) return div(neg(reduceSum(mul(logProbabilities, truth))), count);
  // log(1 + exp(x)) − x·t, in a form that cannot overflow.
  const rest = log(add(exp(neg(abs(logits))), 1));
  const binary = add(sub(max(logits, 0), mul(logits, truth)), rest);
  return valid ? div(reduceSum(mul(binary, valid)), count) : reduceMean(binary);
}

/** How the cross-entropy of the hardest voxels is computed. */
export interface TopKOptions {
  /** Percentage of the batch's voxels to include, 10 by default. */
  readonly percent?: number;
  /** Share of the target that is spread evenly over all labels, 0 by default. */
  readonly labelSmoothing?: number;
}

/**
 * The mean cross-entropy of the voxels where it is largest. Unannotated voxels have a cross-entropy
 * of zero, but count towards the total of which `percent` is taken.
 *
 * @throws {TypeError} If the heads are regions.
 */
function topKTerm(
  { truth, valid, logProbabilities }: Parts,
  { percent = 10, labelSmoothing = 0 }: TopKOptions,
): Value {
  if (!logProbabilities) {
    throw new TypeError("Cannot select the hardest voxels: the heads are regions, expected labels");
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
 * Makes nnU-Net's loss, soft Dice plus cross-entropy. Both apply softmax if the heads are labels
 * and sigmoid if they are regions, and exclude voxels with the ignore label.
 *
 * @param heads What the heads predict.
 * @param options How the soft Dice is computed.
 * @returns A function that builds the loss of one output.
 *
 * @example The loss of a batch of two images with three labels
 * ```ts
 * import assert from "node:assert/strict";
 * import { diceAndCrossEntropy, Graph } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const logits = graph.input("logits", "float32", [2, 3, 8, 8]);
 * const target = graph.input("target", "int32", [2, 1, 8, 8]);
 * const loss = diceAndCrossEntropy({ count: 3 }, { batchDice: false });
 * assert.deepEqual(loss(logits, target).shape, []);
 * ```
 */
export function diceAndCrossEntropy(heads: Heads, options: DiceOptions): Loss {
  return (logits, target) => {
    const parts = partsOf(logits, target, heads);
    return add(crossEntropyTerm(parts), diceTerm(parts, options));
  };
}

/**
 * Makes the Dice term of {@link diceAndCrossEntropy} alone.
 *
 * @param heads What the heads predict.
 * @param options How the soft Dice is computed.
 * @returns A function that builds the loss of one output.
 *
 * @example The Dice of a whole batch
 * ```ts
 * import assert from "node:assert/strict";
 * import { diceLoss, Graph } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const logits = graph.input("logits", "float32", [2, 3, 8, 8]);
 * const target = graph.input("target", "int32", [2, 1, 8, 8]);
 * const loss = diceLoss({ count: 3 }, { batchDice: true });
 * assert.deepEqual(loss(logits, target).shape, []);
 * ```
 */
export function diceLoss(heads: Heads, options: DiceOptions): Loss {
  return (logits, target) => diceTerm(partsOf(logits, target, heads), options);
}

/**
 * Makes the cross-entropy term of {@link diceAndCrossEntropy} alone.
 *
 * @param heads What the heads predict.
 * @returns A function that builds the loss of one output.
 *
 * @example Voxels with label 3 are ignored
 * ```ts
 * import assert from "node:assert/strict";
 * import { crossEntropyLoss, Graph } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const logits = graph.input("logits", "float32", [2, 3, 8, 8]);
 * const target = graph.input("target", "int32", [2, 1, 8, 8]);
 * const loss = crossEntropyLoss({ count: 3, ignoreLabel: 3 });
 * assert.deepEqual(loss(logits, target).shape, []);
 * ```
 */
export function crossEntropyLoss(heads: Heads): Loss {
  return (logits, target) => crossEntropyTerm(partsOf(logits, target, heads));
}

/**
 * Makes the cross-entropy of the hardest voxels alone. The loss throws a TypeError if the heads are
 * regions.
 *
 * @param heads What the heads predict.
 * @param options Which voxels count; a tenth of them by default.
 * @returns A function that builds the loss of one output.
 * @see MIC-DKFZ/nnUNet nnunetv2/training/loss/robust_ce_loss.py `TopKLoss`
 *
 * @example The fifth of the voxels that has the largest cross-entropy
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, topKLoss } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const logits = graph.input("logits", "float32", [2, 3, 8, 8]);
 * const target = graph.input("target", "int32", [2, 1, 8, 8]);
 * const loss = topKLoss({ count: 3 }, { percent: 20 });
 * assert.deepEqual(loss(logits, target).shape, []);
 * ```
 */
export function topKLoss(heads: Heads, options: TopKOptions = {}): Loss {
  return (logits, target) => topKTerm(partsOf(logits, target, heads), options);
}

/**
 * Makes soft Dice plus the cross-entropy of the hardest voxels. The loss throws a TypeError if the
 * heads are regions.
 *
 * @param heads What the heads predict.
 * @param options How the soft Dice is computed, and which voxels count as the hardest.
 * @returns A function that builds the loss of one output.
 *
 * @example Dice plus the cross-entropy of a tenth of the voxels
 * ```ts
 * import assert from "node:assert/strict";
 * import { diceAndTopK, Graph } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const logits = graph.input("logits", "float32", [2, 3, 8, 8]);
 * const target = graph.input("target", "int32", [2, 1, 8, 8]);
 * const loss = diceAndTopK({ count: 3 }, { batchDice: true });
 * assert.deepEqual(loss(logits, target).shape, []);
 * ```
 */
export function diceAndTopK(heads: Heads, options: DiceOptions & TopKOptions): Loss {
  return (logits, target) => {
    const parts = partsOf(logits, target, heads);
    return add(topKTerm(parts, options), diceTerm(parts, options));
  };
}

/**
 * Returns the outputs' weights, highest resolution first: each is half the previous one, except
 * that the lowest resolution's is zero, and they sum to 1. A single output has weight 1.
 *
 * @param outputs Number of outputs.
 */
export function deepSupervisionWeights(outputs: number): number[] {
  if (outputs === 1) return [1];
  const weights = Array.from({ length: outputs }, (_, i) => i === outputs - 1 ? 0 : 2 ** -i);
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/**
 * Returns the weighted sum of all outputs' losses, with the labels resampled to each output's
 * resolution by nearest neighbour.
 *
 * @param outputs Logits, (n, heads, …spatial) each, highest resolution first.
 * @param target Labels, int32, (n, …spatial).
 * @param weights One per output; {@link deepSupervisionWeights} by default.
 * @returns A float32 scalar.
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
    weight === 0
      ? []
      : [mul(requireScalar(loss(outputs[i], nearestLabels(labels, outputs[i]))), weight)]
  );
  return sum(terms);
}

/** @throws {TypeError} If a custom loss returns anything but one number in the graph. */
function requireScalar(loss: Value): Value {
  const shape = Object(loss).shape as Value["shape"] | undefined;
  if (shape && sizeOf(shape) === 1) return loss;
  const found = shape ? `a value of shape [${shape}]` : `${loss}`;
  throw new TypeError(
    `Cannot train: the loss is ${found}, expected a value of the graph with one element, such as ` +
      "the mean over all voxels",
  );
}

/**
 * Resamples labels to an output's resolution by taking the voxel at ⌊stride / 2⌋ of each stride, as
 * PyTorch's "nearest-exact" does for integer ratios.
 */
function nearestLabels(labels: Value, output: Value): Value {
  const ranges = labels.shape.flatMap((extent, axis) => {
    if (axis < 2) return [];
    const step = extent / output.shape[axis];
    return step === 1 ? [] : [{ axis, start: Math.floor(step / 2), step }];
  });
  return ranges.length ? slice(labels, ranges) : labels;
}
