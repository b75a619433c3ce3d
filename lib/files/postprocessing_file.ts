/** Reads and writes `postprocessing.pkl` and `postprocessing.json` files. */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import { readFile } from "../platform/files.ts";
import type { PostprocessingDecision, PostprocessingStep } from "./postprocessing.ts";
import {
  formatPostprocessing,
  formatPostprocessingReport,
  parsePostprocessing,
} from "./postprocessing_format.ts";
import { reasonOf } from "../options/reason_of.ts";

/**
 * Reads the steps in a `postprocessing.pkl` or `postprocessing.json`.
 *
 * @throws {TypeError} If the file has functions or arguments other than nnU-Net's.
 * @throws {SyntaxError} If the file has another format.
 * @throws {Error} If the file cannot be opened.
 */
export async function readPostprocessing(path: string): Promise<PostprocessingStep[]> {
  const action = `Cannot read postprocessing ${path}`;
  const bytes = await readFile(path).catch((cause) => {
    throw new Error(`${action}: ${reasonOf(cause)}`, { cause });
  });
  try {
    return parsePostprocessing(bytes, path.endsWith(".json") ? "json" : "pickle");
  } catch (cause) {
    const Kind = cause instanceof TypeError ? TypeError : SyntaxError;
    throw new Kind(`${action}: ${reasonOf(cause)}`, { cause });
  }
}

/** Writes a `postprocessing.pkl`, completely or not at all. */
export function writePostprocessing(
  path: string,
  steps: readonly PostprocessingStep[],
): Promise<void> {
  return writeFileAtomically(path, formatPostprocessing(steps));
}

/** Writes a `postprocessing.json`: the steps, and the scores before and after. */
export function writePostprocessingReport(
  path: string,
  decision: PostprocessingDecision,
): Promise<void> {
  return writeFileAtomically(path, formatPostprocessingReport(decision));
}
