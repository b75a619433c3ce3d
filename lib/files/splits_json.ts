/**
 * nnU-Net's `splits_final.json`: which cases train and which validate, fold by fold.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/crossval_split.py
 */

import { z } from "zod";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { formatPythonJson } from "./python_json.ts";
import { readText } from "./read_text.ts";

/** One fold of a cross-validation, as case names. */
export interface Split {
  readonly train: readonly string[];
  readonly validation: readonly string[];
}

const splitsSchema = z.array(z.object({ train: z.array(z.string()), val: z.array(z.string()) }));

/** Writes the folds as nnU-Net does. */
export function writeSplits(path: string, splits: readonly Split[]): Promise<void> {
  const json = splits.map(({ train, validation }) => ({ train, val: validation }));
  return writeFileAtomically(path, formatPythonJson(json));
}

/**
 * Reads the folds that nnU-Net, {@link writeSplits} or a person wrote.
 *
 * @throws {Error} If the file cannot be read.
 * @throws {SyntaxError} If it is no list of folds.
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
