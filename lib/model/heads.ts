/** Describes what a network's heads, its output channels, stand for. */

import type { DatasetJson } from "../files/dataset.ts";
import { foregroundOf, hasRegions, ignoreLabelOf, labelCount } from "../files/dataset_labels.ts";

/** What a network's heads stand for: one head per label, background first, or one per region. */
export interface Heads {
  /** Number of the network's output channels. */
  readonly count: number;
  /**
   * The region of each head, if heads stand for regions, which may overlap. If left out, heads
   * stand for the labels 0, 1, 2, …
   */
  readonly regions?: readonly Region[];
  /** The label of voxels that are not annotated; no head stands for it. */
  readonly ignoreLabel?: number;
  /**
   * In predictions, the probability above which a voxel belongs to each head's label or region;
   * undefined for heads that are decided as usual.
   */
  readonly thresholds?: readonly (number | undefined)[];
}

/** A set of labels that one head segments together. */
export interface Region {
  /** The labels that make up the region. */
  readonly labels: readonly number[];
  /**
   * The label of the region's voxels in a predicted label map, in which later regions overwrite
   * earlier ones: the region's entry in nnU-Net's `regions_class_order`.
   */
  readonly outputLabel: number;
}

/**
 * Returns the heads of a data set's networks.
 *
 * @param dataset The data set's labels and, if they contain regions, the regions' output labels.
 * @returns One head per label, background first, without the ignore label; or one per region.
 * @throws {RangeError} If `regionsClassOrder` does not have one label for each region.
 *
 * @example Two regions
 * ```ts
 * import assert from "node:assert/strict";
 * import { headsOf } from "nnunet/parts";
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
      `Cannot determine a network's heads: regionsClassOrder has ${regionsClassOrder.length} ` +
        `labels, expected one for each of ${found.length} regions`,
    );
  }
  const regions = found.map(({ value }, i) => ({
    labels: [value].flat(),
    outputLabel: regionsClassOrder[i],
  }));
  return { count: regions.length, regions, ...ignored };
}
