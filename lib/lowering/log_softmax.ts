/** Log-softmax in elementary operators, for providers whose own is slow or missing. */

import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";

/** `LogSoftmax(x)` along an axis; the maximum is subtracted first, so that no exponential overflows. */
export function logSoftmaxByParts(x: Value, axis: number): Value {
  const shifted = o.sub(x, o.reduceMax(x, [axis], true));
  return o.sub(shifted, o.log(o.reduceSum(o.exp(shifted), [axis], true)));
}
