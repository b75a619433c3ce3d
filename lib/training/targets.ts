/** From label maps to what the heads of a network are compared with. */

import {
  type DatasetJson,
  foregroundOf,
  hasRegions,
  ignoreLabelOf,
  labelCount,
} from "../files/dataset_json.ts";
import type { Value } from "../graph/graph.ts";
import { add, cast, concat, equal, not } from "../graph/operators.ts";

/** What the heads of a network stand for. */
export interface Targets {
  /** Output channels of the network. */
  readonly heads: number;
  /**
   * The labels each head's region is made of, where heads are regions, which may overlap. Otherwise
   * heads are the labels 0, 1, 2, …
   */
  readonly regions?: readonly (readonly number[])[];
  /** The label of voxels that nobody labelled. */
  readonly ignoreLabel?: number;
}

/** The heads for a data set's labels: one a label, background first, or one a region. */
export function targetsOf(labels: DatasetJson["labels"]): Targets {
  const ignoreLabel = ignoreLabelOf(labels);
  const ignored = ignoreLabel === undefined ? {} : { ignoreLabel };
  if (!hasRegions(labels)) return { heads: labelCount(labels), ...ignored };
  const regions = foregroundOf(labels).map(({ value }) => [value].flat());
  return { heads: regions.length, regions, ...ignored };
}

/** Labels as one channel a label: (n, 1, …) int32 → (n, labels, …) float32 of zeros and ones. */
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
 * What each head should say: (n, 1, …) int32 → (n, heads, …) float32 of zeros and ones.
 *
 * Where nobody labelled, all are zero: the ignore label is none of the heads' labels.
 */
export function truthOf(target: Value, { heads, regions }: Targets): Value {
  if (!regions) return oneHot(target, heads);
  const channels = regions.map((labels) =>
    labels.map((label) => cast(equal(target, label), "float32")).reduce((a, b) => add(a, b))
  );
  return concat(channels, 1);
}

/** Ones where somebody labelled: (n, 1, …) float32; undefined if that is everywhere. */
export function validVoxels(target: Value, { ignoreLabel }: Targets): Value | undefined {
  if (ignoreLabel === undefined) return undefined;
  return cast(not(equal(target, ignoreLabel)), "float32");
}
