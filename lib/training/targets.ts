/** From label maps to the targets that the heads of a network are compared with. */

import type { Value } from "../graph/graph.ts";
import { add, cast, concat, equal, not } from "../graph/operators.ts";
import type { Heads } from "../model/heads.ts";

/**
 * Labels as one channel a label.
 *
 * @param target Labels, int32, (n, 1, …spatial).
 * @param count Number of labels.
 * @returns Zeros and ones, float32, (n, count, …spatial).
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
 * What each head should predict.
 *
 * Voxels with the ignore label are zero in all channels, since no head stands for it.
 *
 * @param target Labels, int32, (n, 1, …spatial).
 * @param heads What the heads stand for.
 * @returns Zeros and ones, float32, (n, heads, …spatial).
 */
export function truthOf(target: Value, { count, regions }: Heads): Value {
  if (!regions) return oneHot(target, count);
  const channels = regions.map(({ labels }) =>
    labels.map((label) => cast(equal(target, label), "float32")).reduce((a, b) => add(a, b))
  );
  return concat(channels, 1);
}

/**
 * Which voxels are annotated.
 *
 * @param target Labels, int32, (n, 1, …spatial).
 * @param heads What the heads stand for.
 * @returns Zeros where voxels have the ignore label and ones elsewhere, float32, (n, 1, …spatial);
 * undefined if there is no ignore label.
 */
export function validVoxels(target: Value, { ignoreLabel }: Heads): Value | undefined {
  if (ignoreLabel === undefined) return undefined;
  return cast(not(equal(target, ignoreLabel)), "float32");
}
