/** Converts label maps to the targets of a network's heads. */

import type { Value } from "../../graph/graph.ts";
import { add, cast, concat, equal, not } from "../../graph/operators.ts";
import { oneHot } from "../../labels/label_rule_graph.ts";
import type { Heads } from "../../model/heads.ts";

/**
 * Returns what each head should predict.
 *
 * Voxels with the ignore label are zero in all channels, since no head predicts it.
 *
 * @param target Labels, int32, (n, 1, …spatial).
 * @param heads What the heads predict.
 * @returns Zeros and ones, float32, (n, heads, …spatial).
 *
 * @example Two nested regions
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, truthOf } from "nnunet/parts";
 *
 * const target = new Graph().input("target", "int32", [2, 1, 8, 8]);
 * const regions = [{ labels: [1, 2], outputLabel: 1 }, { labels: [2], outputLabel: 2 }];
 * assert.deepEqual(truthOf(target, { count: 2, regions }).shape, [2, 2, 8, 8]);
 * ```
 */
export function truthOf(target: Value, { count, regions }: Heads): Value {
  if (!regions) return oneHot(target, count);
  const channels = regions.map(({ labels }) =>
    labels.map((label) => cast(equal(target, label), "float32")).reduce((a, b) => add(a, b))
  );
  return concat(channels, 1);
}

/**
 * Returns which voxels are annotated.
 *
 * @param target Labels, int32, (n, 1, …spatial).
 * @param heads What the heads predict.
 * @returns Zeros where voxels have the ignore label and ones elsewhere, float32, (n, 1, …spatial);
 * undefined if there is no ignore label.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, validVoxels } from "nnunet/parts";
 *
 * const target = new Graph().input("target", "int32", [2, 1, 8, 8]);
 * assert.deepEqual(validVoxels(target, { count: 3, ignoreLabel: 3 })?.shape, [2, 1, 8, 8]);
 * assert.equal(validVoxels(target, { count: 3 }), undefined);
 * ```
 */
export function validVoxels(target: Value, { ignoreLabel }: Heads): Value | undefined {
  if (ignoreLabel === undefined) return undefined;
  return cast(not(equal(target, ignoreLabel)), "float32");
}
