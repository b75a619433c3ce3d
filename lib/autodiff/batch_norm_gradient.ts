/** Differentiates batch normalisation, by the batch's own statistics and by given ones. */

import { sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";
import { batchNormGradient } from "./derivatives.ts";

/** Gradients of a normalised image, and of the mean and variance that it was normalised with. */
export interface OwnStatistics {
  readonly dy: Value;
  readonly dMean: Value;
  readonly dVariance: Value;
  /** (c) */
  readonly mean: Value;
}

/**
 * Returns the gradients of a batch normalisation by the batch's own statistics with respect to
 * image, scale and bias.
 *
 * @param x The image, (n, c, …)
 * @param scale (c)
 */
export function ownStatisticsBack(
  x: Value,
  scale: Value,
  { dy, dMean, dVariance, mean }: OwnStatistics,
  epsilon: number,
): Value[] {
  const [dx, dScale, dBias] = batchNormGradient(x, scale, dy, epsilon);
  const share = x.shape[1] / sizeOf(x.shape);
  let whole = dx;
  if (!isZero(dMean)) whole = o.add(whole, o.mul(perChannel(dMean, x), share));
  if (!isZero(dVariance)) {
    const slope = o.mul(perChannel(dVariance, x), 2 * share);
    whole = o.add(whole, o.mul(o.sub(x, perChannel(mean, x)), slope));
  }
  return [whole, dScale, dBias];
}

/**
 * Returns the gradients of a batch normalisation by given statistics with respect to its inputs:
 * image, scale, bias, mean and variance.
 */
export function givenStatisticsBack(
  [x, scale, , mean, variance]: readonly Value[],
  dy: Value,
  epsilon: number,
): Value[] {
  const overVoxels = (value: Value) =>
    o.reduceSum(o.reduceSum(value, x.shape.slice(2).map((_, i) => i + 2)), [0]);
  const inverse = o.div(1, o.sqrt(o.add(variance, epsilon)));
  const factor = o.mul(scale, inverse);
  const sum = overVoxels(dy);
  const dot = overVoxels(o.mul(dy, o.sub(x, perChannel(mean, x))));
  return [
    o.mul(dy, perChannel(factor, x)),
    o.mul(dot, inverse),
    sum,
    o.neg(o.mul(sum, factor)),
    o.mul(o.mul(dot, factor), o.mul(o.mul(inverse, inverse), -0.5)),
  ];
}

/** Reshapes (c) so that it is broadcast over an image (n, c, …). */
function perChannel(value: Value, { shape }: Value): Value {
  return o.reshape(value, [1, shape[1], ...shape.slice(2).map(() => 1)]);
}

/** Whether nothing depends on a value whose gradient this is. */
function isZero({ constant }: Value): boolean {
  return constant instanceof Float32Array && constant.every((value) => value === 0);
}
