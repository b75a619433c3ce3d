/** Formats Dice per case and class as plain text, for terminals and logs. */

import { basename } from "../platform/paths.ts";
import type { EvaluationSummary } from "../files/summary.ts";

/**
 * Formats a table with one line per case, one column per class, and the mean over cases.
 *
 * The last column is the mean over the case's classes. A class that is neither in the reference nor
 * predicted is shown as a dash and excluded from all means.
 *
 * @param summary The scores, as {@link evaluateFolder} returns them.
 * @param classNames One name per label or region of the summary.
 * @returns The table, each line ending in a line break.
 * @throws {RangeError} If there is not one name per label.
 *
 * @example Two cases, the second without a posterior part
 * ```text
 * case             anterior  posterior    mean
 * hippocampus_001    0.9012     0.8794  0.8903
 * hippocampus_003    0.8855          -  0.8855
 * mean               0.8934     0.8794  0.8864
 * ```
 *
 * @example Printing the scores of a folder
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateFolder, formatDiceTable, segmentationFrom, writeSegmentation } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const labels = segmentationFrom(Uint8Array.of(0, 1, 1, 1), {
 *   shape: [1, 2, 2],
 *   spacing: [3, 1, 1],
 * });
 * await writeSegmentation(`${folder}/truth/a.nii.gz`, labels);
 * await writeSegmentation(`${folder}/predictions/a.nii.gz`, labels);
 * const summary = await evaluateFolder({
 *   groundTruth: `${folder}/truth`,
 *   predictions: `${folder}/predictions`,
 *   labels: [1],
 *   fileEnding: ".nii.gz",
 * });
 * assert.equal(
 *   formatDiceTable(summary, ["tumour"]),
 *   "case  tumour    mean\na     1.0000  1.0000\nmean  1.0000  1.0000\n",
 * );
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function formatDiceTable(
  summary: EvaluationSummary,
  classNames: readonly string[],
): string {
  if (classNames.length !== summary.labels.length) {
    throw new RangeError(
      `Cannot format a Dice table: found ${classNames.length} class names, ` +
        `expected ${summary.labels.length}`,
    );
  }
  const body = summary.cases.map(({ predictionFile, overlaps }) => {
    const dice = overlaps.map((overlap) => overlap.dice);
    const present = dice.filter((value) => !Number.isNaN(value));
    const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
    return [caseName(predictionFile), ...dice.map(formatDice), formatDice(mean)];
  });
  const rows = [
    ["case", ...classNames, "mean"],
    ...body,
    [
      "mean",
      ...summary.mean.map((overlap) => formatDice(overlap.dice)),
      formatDice(summary.foregroundMean.dice),
    ],
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))
      .join("  ") + "\n"
  ).join("");
}

/** Returns a file name without its extension, such as `.nii.gz` or `.png`. */
function caseName(path: string): string {
  return basename(path).replace(/(\.nii)?\.[^.]+$/, "");
}

function formatDice(value: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(4);
}
