/** Options of predictions that say what is written beside label maps, and where labels are. */

import type { Command } from "../packages/commander.ts";

/** Values of the options. */
export interface OutputArguments {
  save_probabilities_nifti?: boolean;
  file_per_label?: boolean;
  threshold?: Readonly<Record<string, number>>;
}

/** Options that only the scans of a folder can have. */
export const folderOutputOptions = ["save_probabilities_nifti", "file_per_label"] as const;

/** Adds the options to a command. */
export function addOutputOptions(command: Command): Command {
  return command
    .option(
      "--save_probabilities_nifti",
      "also write probabilities/LABEL/CASE.nii.gz, an image for each label",
    )
    .option("--file_per_label", "also write labels/LABEL/CASE.nii.gz, a mask of each label")
    .option(
      "--threshold <label=value...>",
      "probabilities above which voxels get a label, such as tumour=0.3; by default the most " +
        "likely label",
      (text: string, before: Readonly<Record<string, number>> = {}) => parseThreshold(text, before),
    );
}

/**
 * Adds a threshold to those of earlier arguments.
 *
 * @param text A label's name and its threshold, such as `tumour=0.3`.
 * @throws {RangeError} If the text is none, or the label has a threshold already.
 */
export function parseThreshold(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const [, name, value] = text.match(/^(.+)=([\d.eE-]+)$/) ?? [];
  const threshold = Number(value);
  if (name === undefined || !(threshold > 0 && threshold < 1)) {
    throw new RangeError(
      `Cannot use --threshold ${text}: expected LABEL=VALUE with a value between 0 and 1`,
    );
  }
  if (Object.hasOwn(before, name)) {
    throw new RangeError(
      `Cannot use --threshold ${text}: ${name} has the threshold ${before[name]} already, ` +
        "expected one for each label",
    );
  }
  return { ...before, [name]: threshold };
}
