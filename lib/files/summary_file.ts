/** Reads and writes `summary.json` files. */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import { readParsed } from "../platform/read_text.ts";
import type { EvaluationSummary } from "./summary.ts";
import { formatSummary, parseSummary } from "./summary_json.ts";

/**
 * Writes a summary in nnU-Net's format, completely or not at all.
 *
 * @param path Path of the file, `summary.json`.
 * @param summary The scores, as `evaluateFolder()` returns them.
 * @throws {Error} If the file cannot be written.
 *
 * @example Writing a summary next to the predictions
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateFolder, segmentationFrom, writeSegmentation, writeSummary } from "nnunet";
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
 * const path = `${folder}/predictions/summary.json`;
 * await writeSummary(path, summary);
 * assert.equal(JSON.parse(await Deno.readTextFile(path)).foreground_mean.Dice, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function writeSummary(path: string, summary: EvaluationSummary): Promise<void> {
  return writeFileAtomically(path, formatSummary(summary));
}

/**
 * Reads a summary that nnU-Net or {@link writeSummary} wrote.
 *
 * @throws {Error} If the file cannot be read.
 * @throws {SyntaxError} If it is not a summary.
 */
export function readSummary(path: string): Promise<EvaluationSummary> {
  return readParsed(path, "summary", parseSummary);
}
