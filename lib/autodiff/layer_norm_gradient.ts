/** Differentiates a normalisation over the last axis. */

import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";
import { sumToShape } from "./adjoints.ts";

/**
 * Returns the gradients of a layer normalisation with respect to vectors, scale and bias.
 *
 * With x̂ the normalised vectors and g = dy · scale, dx = (g − mean(g) − x̂ · mean(g · x̂)) / σ.
 *
 * @param x (…, c)
 * @param scale (c)
 * @param dy Gradient of the output, (…, c)
 * @param epsilon Added to the variance.
 * @see Ba et al. 2016, Layer Normalization
 */
export function layerNormGradient(x: Value, scale: Value, dy: Value, epsilon: number): Value[] {
  const axis = x.shape.length - 1;
  const mean = (value: Value) => o.reduceMean(value, [axis], true);
  const centred = o.sub(x, mean(x));
  const deviation = o.sqrt(o.add(mean(o.mul(centred, centred)), epsilon));
  const normalised = o.div(centred, deviation);
  const scaled = o.mul(dy, scale);
  const along = o.mul(normalised, mean(o.mul(scaled, normalised)));
  return [
    o.div(o.sub(o.sub(scaled, mean(scaled)), along), deviation),
    sumToShape(o.mul(dy, normalised), scale.shape),
    sumToShape(dy, scale.shape),
  ];
}
