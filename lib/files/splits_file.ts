/** Reads and writes `splits_final.json` files. */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import { readParsed } from "../platform/read_text.ts";
import { formatSplits, parseSplits, type Split } from "./splits_json.ts";

/** Writes folds in nnU-Net's format. */
export function writeSplits(path: string, splits: readonly Split[]): Promise<void> {
  return writeFileAtomically(path, formatSplits(splits));
}

/**
 * Reads folds in nnU-Net's format.
 *
 * @throws {Error} If the file cannot be read.
 * @throws {SyntaxError} If it is not a list of folds.
 */
export function readSplits(path: string): Promise<Split[]> {
  return readParsed(path, "splits", parseSplits);
}
