/** What a network's heads, its output channels, stand for. */

import {
  type DatasetJson,
  foregroundOf,
  hasRegions,
  ignoreLabelOf,
  labelCount,
} from "../files/dataset_json.ts";

/** What the heads of a network stand for: one a label, background first, or one a region. */
export interface Heads {
  /** Output channels of the network. */
  readonly count: number;
  /**
   * The region of each head, where heads are regions, which may overlap. Otherwise heads are the
   * labels 0, 1, 2, …
   */
  readonly regions?: readonly Region[];
  /** The label of voxels that are not annotated; no head stands for it. */
  readonly ignoreLabel?: number;
}

/** Labels that one head finds together. */
export interface Region {
  /** The labels that the region is made of. */
  readonly labels: readonly number[];
  /**
   * The label that its voxels get in a predicted label map, in which later regions overwrite earlier
   * ones: its entry in nnU-Net's `regions_class_order`.
   */
  readonly outputLabel: number;
}

/**
 * The heads of the networks for a data set.
 *
 * @param dataset Its labels and, with regions, their order.
 * @returns One head a label, background first, without the ignore label; or one a region.
 * @throws {RangeError} If the order lacks a region.
 *
 * @example Two regions
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const labels = { background: 0, tumour: [1, 2], core: 2 };
 * assert.deepEqual(headsOf({ labels, regionsClassOrder: [1, 2] }), {
 *   count: 2,
 *   regions: [{ labels: [1, 2], outputLabel: 1 }, { labels: [2], outputLabel: 2 }],
 * });
 * ```
 */
export function headsOf(
  { labels, regionsClassOrder = [] }: Pick<DatasetJson, "labels" | "regionsClassOrder">,
): Heads {
  const ignoreLabel = ignoreLabelOf(labels);
  const ignored = ignoreLabel === undefined ? {} : { ignoreLabel };
  if (!hasRegions(labels)) return { count: labelCount(labels), ...ignored };
  const found = foregroundOf(labels);
  if (regionsClassOrder.length !== found.length) {
    throw new RangeError(
      `Cannot tell the heads of a network: regionsClassOrder has ${regionsClassOrder.length} ` +
        `labels, expected one for each of ${found.length} regions`,
    );
  }
  const regions = found.map(({ value }, i) => ({
    labels: [value].flat(),
    outputLabel: regionsClassOrder[i],
  }));
  return { count: regions.length, regions, ...ignored };
}
