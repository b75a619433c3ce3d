/** Writes `summary_details.json` files. */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import type { EvaluationDetails } from "./details.ts";
import { formatDetails } from "./details_json.ts";

/**
 * Writes details as JSON that Python can read, completely or not at all.
 *
 * @param path Path of the file, `summary_details.json`.
 * @param details The details, as `evaluateFolderInDetail()` returns them.
 * @throws {Error} If the file cannot be written.
 *
 * @example Writing details next to the predictions
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateFolderInDetail, segmentationFrom, writeDetails, writeSegmentation } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const labels = segmentationFrom(Uint8Array.of(0, 1, 1, 1), {
 *   shape: [1, 2, 2],
 *   spacing: [3, 1, 1],
 * });
 * await writeSegmentation(`${folder}/truth/a.nii.gz`, labels);
 * await writeSegmentation(`${folder}/predictions/a.nii.gz`, labels);
 * const { details } = await evaluateFolderInDetail({
 *   groundTruth: `${folder}/truth`,
 *   predictions: `${folder}/predictions`,
 *   labels: [1],
 *   fileEnding: ".nii.gz",
 * });
 * const path = `${folder}/predictions/summary_details.json`;
 * await writeDetails(path, details);
 * assert((await Deno.stat(path)).isFile);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function writeDetails(path: string, details: EvaluationDetails): Promise<void> {
  return writeFileAtomically(path, formatDetails(details));
}
