/**
 * Parses and formats nnU-Net's `splits_final.json`: training and validation cases per fold.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/crossval_split.py
 */

import { z } from "../packages/zod.ts";
import { EXPECTED_FILE_NAME, isFileName } from "../untrusted/file_name.ts";
import { parseJson } from "../untrusted/json_text.ts";
import { formatPythonJson } from "./python_json.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

/** Names of the training and validation cases of a fold. */
export interface Split {
  /** Cases to train on. */
  readonly train: readonly string[];
  /** Cases to validate on. */
  readonly validation: readonly string[];
}

const caseName = z.string().refine(isFileName, {
  error: ({ input }) => `found ${JSON.stringify(input)}, ${EXPECTED_FILE_NAME}`,
});
const splitsSchema = z.array(z.object({ train: z.array(caseName), val: z.array(caseName) }));

/** Formats folds as the text of `splits_final.json`. */
export function formatSplits(splits: readonly Split[]): string {
  return formatPythonJson(splits.map(({ train, validation }) => ({ train, val: validation })));
}

/**
 * The inverse of {@link formatSplits}.
 *
 * @throws {SyntaxError} If the text is not a list of folds, or a case's name could lead out of its
 * folder.
 */
export function parseSplits(text: string): Split[] {
  const parsed = splitsSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new SyntaxError(schemaProblems(parsed.error));
  return parsed.data.map(({ train, val }) => ({ train, validation: val }));
}
