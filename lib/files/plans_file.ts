/** Reads and writes `nnUNetPlans.json` files. */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import type { PlansData } from "./plans.ts";
import { formatPlans, parsePlans } from "./plans_json.ts";
import { readParsed } from "../platform/read_text.ts";

/** Writes plans in nnU-Net's format, from which Python can train and predict. */
export function writePlans(path: string, plansData: PlansData): Promise<void> {
  return writeFileAtomically(path, formatPlans(plansData));
}

/**
 * Reads plans that nnU-Net or {@link writePlans} wrote, and resolves inheritance between
 * configurations.
 *
 * @throws {Error} If the file cannot be read.
 * @throws {SyntaxError} If it is not a plans file, or has an unknown network or resampling.
 */
export function readPlans(path: string): Promise<PlansData> {
  return readParsed(path, "plans", parsePlans);
}
