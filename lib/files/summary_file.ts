/** Reads and writes `summary.json` files. */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import { readParsed } from "./read_text.ts";
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
 * ```ts ignore
 * import { evaluateFolder, writeSummary } from "nnunet";
 *
 * const summary = await evaluateFolder({
 *   groundTruth: "labelsTs",
 *   predictions: "predictions",
 *   labels: [1, 2],
 *   fileEnding: ".nii.gz",
 * });
 * await writeSummary("predictions/summary.json", summary);
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
