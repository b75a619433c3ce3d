/** Names what a network's heads stand for, and which labels each covers in a label map. */

import type { DatasetJson } from "../files/dataset.ts";
import { foregroundOf, hasRegions } from "../files/dataset_labels.ts";
import { isFileName } from "../untrusted/file_name.ts";

/** A head's label or region. */
export interface NamedHead {
  /** Its name in `dataset.json`. */
  readonly name: string;
  /** Its labels in a label map: one, or those of a region. */
  readonly labels: readonly number[];
}

/**
 * Returns the labels or regions of a data set in the order of the heads.
 *
 * @param labels The `labels` of the data set.
 */
export function namedHeads(labels: DatasetJson["labels"]): NamedHead[] {
  const foreground = foregroundOf(labels).map(({ name, value }) => ({
    name,
    labels: [value].flat(),
  }));
  if (hasRegions(labels)) return foreground;
  const background = Object.entries(labels).find(([, value]) => value === 0)?.[0] ?? "background";
  return [{ name: background, labels: [0] }, ...foreground];
}

/**
 * Returns a folder name for each head: its name, or `label_1` if that is no valid file name or another
 * head's.
 */
export function folderNamesOf(heads: readonly NamedHead[]): string[] {
  const lower = heads.map(({ name }) => name.toLowerCase()); // Some systems ignore case.
  return heads.map(({ name, labels }, i) =>
    isFileName(name) && lower.indexOf(lower[i]) === i ? name : `label_${labels.join("_")}`
  );
}

/**
 * Returns each head's threshold, for `Heads`.
 *
 * @param given Probabilities by the names of labels or regions.
 * @throws {RangeError} If there is no label or region of a name, or a threshold is not between 0
 * and 1.
 */
export function thresholdsOf(
  labels: DatasetJson["labels"],
  given: Readonly<Record<string, number>>,
): (number | undefined)[] {
  const heads = namedHeads(labels);
  for (const [name, value] of Object.entries(given)) {
    if (!heads.some((head) => head.name === name)) {
      throw new RangeError(
        `Cannot predict: there is a threshold for "${name}", expected one for ` +
          heads.map((head) => head.name).join(", "),
      );
    }
    if (!(value > 0 && value < 1)) {
      throw new RangeError(
        `Cannot predict: the threshold for "${name}" is ${value}, expected a probability between ` +
          "0 and 1",
      );
    }
  }
  return heads.map(({ name }) => Object.hasOwn(given, name) ? given[name] : undefined);
}
