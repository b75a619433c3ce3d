/** Interprets the labels that a `dataset.json` declares: foreground, regions and ignore label. */

import type { DatasetJson } from "./dataset.ts";

/** Name in `labels` of the value for unlabelled voxels, which are ignored. */
export const ignoreName = "ignore";

/** Returns all integers that may occur in a label map, including the ignore label, ascending. */
export function declaredLabels(labels: DatasetJson["labels"]): number[] {
  return [...new Set(Object.values(labels).flat())].sort((a, b) => a - b);
}

/**
 * Returns the integers that a label map may have; undefined if there are regions, for which other
 * integers are background, as in nnU-Net.
 */
export function allowedLabels(labels: DatasetJson["labels"]): number[] | undefined {
  return hasRegions(labels) ? undefined : declaredLabels(labels);
}

/** Returns the integer of unlabelled voxels, or undefined if there is none. */
export function ignoreLabelOf(labels: DatasetJson["labels"]): number | undefined {
  const value = labels[ignoreName];
  return typeof value === "number" ? value : undefined;
}

/**
 * Returns the classes except background and ignore label: regions in declared order, or labels in
 * ascending order.
 *
 * @param labels The `labels` of a {@link DatasetJson}.
 * @returns Name and value of each class; a region's value is a list of labels.
 *
 * @example
 * ```ts
 * import { foregroundOf } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * const labels = { background: 0, front: 1, back: 2, ignore: 3 };
 * assert.deepEqual(foregroundOf(labels).map(({ name }) => name), ["front", "back"]);
 * ```
 */
export function foregroundOf(
  labels: DatasetJson["labels"],
): { readonly name: string; readonly value: number | readonly number[] }[] {
  const found = Object.entries(labels).flatMap(([name, value]) =>
    value === 0 || name === ignoreName ? [] : [{ name, value }]
  );
  if (hasRegions(labels)) return found;
  return found.map(({ name, value }) => ({ name, value: [value].flat()[0] }))
    .sort((a, b) => a.value - b.value);
}

/** Returns the number of labels including the background but not the ignore label. */
export function labelCount(labels: DatasetJson["labels"]): number {
  return declaredLabels(labels).length - (ignoreLabelOf(labels) === undefined ? 0 : 1);
}

/** Returns the integers of all labels and regions except background and ignore label, ascending. */
export function foregroundIntegers(labels: DatasetJson["labels"]): number[] {
  const ignored = ignoreLabelOf(labels);
  return declaredLabels(labels).filter((label) => label !== 0 && label !== ignored);
}

/** Returns whether any class is a region of several labels; regions may overlap. */
export function hasRegions(labels: DatasetJson["labels"]): boolean {
  return Object.values(labels).some((value) => typeof value !== "number" && value.length > 1);
}
