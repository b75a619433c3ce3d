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
 * ```ts ignore
 * import { evaluateFolderInDetail, writeDetails } from "nnunet";
 *
 * const { details } = await evaluateFolderInDetail({
 *   groundTruth: "labelsTs",
 *   predictions: "predictions",
 *   labels: [1, 2],
 *   fileEnding: ".nii.gz",
 * });
 * await writeDetails("predictions/summary_details.json", details);
 * ```
 */
export function writeDetails(path: string, details: EvaluationDetails): Promise<void> {
  return writeFileAtomically(path, formatDetails(details));
}
