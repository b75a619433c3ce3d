/**
 * Computes log-softmax with elementary operators, for providers whose operator is slow or missing.
 */

import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";

/** Computes `LogSoftmax(x)` along an axis. Subtracting the maximum first prevents overflow. */
export function logSoftmaxByParts(x: Value, axis: number): Value {
  const shifted = o.sub(x, o.reduceMax(x, [axis], true));
  return o.sub(shifted, o.log(o.reduceSum(o.exp(shifted), [axis], true)));
}
