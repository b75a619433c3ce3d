/**
 * Reads and writes nnU-Net's `splits_final.json`: training and validation cases per fold.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/crossval_split.py
 */

import { z } from "zod";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { formatPythonJson } from "./python_json.ts";
import { readText } from "./read_text.ts";

/** Names of the training and validation cases of a fold. */
export interface Split {
  readonly train: readonly string[];
  readonly validation: readonly string[];
}

const splitsSchema = z.array(z.object({ train: z.array(z.string()), val: z.array(z.string()) }));

/** Writes folds in nnU-Net's format. */
export function writeSplits(path: string, splits: readonly Split[]): Promise<void> {
  const json = splits.map(({ train, validation }) => ({ train, val: validation }));
  return writeFileAtomically(path, formatPythonJson(json));
}

/**
 * Reads folds in nnU-Net's format.
 *
 * @throws {Error} If the file cannot be read.
 * @throws {SyntaxError} If it is not a list of folds.
 */
export async function readSplits(path: string): Promise<Split[]> {
  const text = await readText(path);
  try {
    const parsed = splitsSchema.safeParse(JSON.parse(text));
    if (!parsed.success) throw new SyntaxError(z.prettifyError(parsed.error));
    return parsed.data.map(({ train, val }) => ({ train, validation: val }));
  } catch (cause) {
    throw new SyntaxError(`Cannot read splits ${path}: ${(cause as Error).message}`, { cause });
  }
}
