/** Drops feature maps or voxels at random while a network is trained. */

import type { Dropout } from "../files/plans.ts";
import type { Value } from "../graph/graph.ts";
import { add, cast, less, mul, sub } from "../graph/operators.ts";
import type { TrainingMode } from "./network.ts";

/**
 * Sets feature maps, or voxels, to zero with a probability, and divides the others by the
 * probability of being kept. Does nothing outside of training steps.
 *
 * @param x (n, c, …spatial)
 * @param dropout What to drop.
 * @param training What the network is given in a training step.
 * @returns An array of the shape of `x`; `x` itself outside of training steps.
 * @see Srivastava et al. 2014, Dropout
 *
 * @example Half of the feature maps
 * ```ts
 * import assert from "node:assert/strict";
 * import { dropout, Graph } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 8, 16, 16]);
 * const training = {
 *   uniform: (shape: readonly number[]) => graph.input("random", "float32", shape),
 *   update: () => {},
 * };
 * assert.deepEqual(dropout(x, { probability: 0.5, wholeMaps: true }, training).shape, x.shape);
 * assert.deepEqual(graph.inputs[1].shape, [2, 8, 1, 1]);
 * ```
 */
export function dropout(
  x: Value,
  { probability, wholeMaps }: Dropout,
  training: TrainingMode | undefined,
): Value {
  if (!training || probability === 0) return x;
  if (probability === 1) return mul(x, 0);
  const kept = 1 - probability;
  const drawn = wholeMaps
    ? training.uniform([...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)])
    : scattered(x, training);
  return mul(x, mul(cast(less(drawn, kept), "float32"), 1 / kept));
}

/** Spreads the fractions of a square over [0, 1); larger ones leave float32 too few digits. */
const SPREAD = 521;

/**
 * Returns a number from [0, 1) for each element of an array, from one random number per sample and
 * channel and one per plane, row and column: as many as elements would take longer to draw than the
 * rest of the step.
 *
 * Each is mixed in by a square and the fraction of its multiple, so that the numbers of two rows are
 * related in no simple way. A test looks at their distribution and correlations.
 */
function scattered({ shape }: Value, training: TrainingMode): Value {
  const along = (...axes: readonly number[]) =>
    training.uniform(shape.map((extent, axis) => axes.includes(axis) ? extent : 1));
  return shape.slice(2).reduce(
    (mixed, _, i) => {
      const sum = add(mixed, along(i + 2));
      return fraction(mul(mul(sum, sum), SPREAD));
    },
    along(0, 1),
  );
}

/** x − ⌊x⌋ of numbers that are not negative. */
function fraction(x: Value): Value {
  return sub(x, cast(cast(x, "int32"), "float32"));
}
