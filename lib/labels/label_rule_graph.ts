/** The rule from logits to labels as part of a graph, where labels are wanted with one channel each. */

import type { Value } from "../graph/graph.ts";
import { argMax, cast, equal, greater } from "../graph/operators.ts";
import type { Heads } from "../model/heads.ts";

/**
 * Encodes labels with one channel per label. A label without a channel is zero in all of them.
 *
 * @param target Labels, int32, (n, 1, …spatial).
 * @param count Number of labels.
 * @returns Zeros and ones, float32, (n, count, …spatial).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, oneHot } from "nnunet/parts";
 *
 * const target = new Graph().input("target", "int32", [2, 1, 8, 8]);
 * assert.deepEqual(oneHot(target, 3).shape, [2, 3, 8, 8]);
 * ```
 */
export function oneHot(target: Value, count: number): Value {
  const axes = target.shape.length - 2;
  const labels = target.graph.constant(
    "int32",
    [1, count, ...new Array<number>(axes).fill(1)],
    Int32Array.from({ length: count }, (_, i) => i),
  );
  return cast(equal(target, labels), "float32");
}

/**
 * Marks the heads that the rule of {@link labelRuleOf} chooses in each voxel: the one with the largest
 * logit, or every region that is more likely than not.
 *
 * @param logits float32, (n, heads, …spatial).
 * @param heads What the heads stand for.
 * @returns Zeros and ones, float32, (n, heads, …spatial).
 * @see {@link labelRuleOf} for labels outside of graphs
 */
export function chosenHeads(logits: Value, { count, regions }: Heads): Value {
  // A sigmoid is above one half where its logit is above zero.
  if (regions) return cast(greater(logits, 0), "float32");
  return oneHot(cast(argMax(logits, 1), "int32"), count);
}
