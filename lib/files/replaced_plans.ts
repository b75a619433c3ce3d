/** Says how plans differ from those that they replace. */

import { exists, readTextFile } from "../platform/files.ts";
import { jsonDifferences } from "./json_differences.ts";
import { parsePythonJson } from "./python_json.ts";
import { nameSome } from "./some_names.ts";

/** Keys that stand for all that is within them: their own keys are numbers of channels. */
const whole: readonly string[] = ["foreground_intensity_properties_per_channel"];

/** Returns the text of plans; undefined if the file does not exist. */
export async function plansTextIn(path: string): Promise<string | undefined> {
  return await exists(path) ? await readTextFile(path) : undefined;
}

/**
 * Describes plans that were replaced.
 *
 * @param path Path of the file.
 * @param before What {@link plansTextIn} returned before they were replaced.
 * @param after The new text.
 * @returns A sentence with the keys that differ, for a warning; undefined if there were no plans, or
 * the same ones.
 */
export function describeReplacedPlans(
  path: string,
  before: string | undefined,
  after: string,
): string | undefined {
  if (before === undefined) return undefined;
  const differences = jsonDifferences(parsedOrUndefined(before), parsePythonJson(after));
  if (differences.length === 0) return undefined;
  const keys = new Set(
    differences.map(({ path }) => path.find((key) => whole.includes(key)) ?? path.at(-1)),
  );
  const names = [...keys].filter((key) => key !== undefined);
  const how = names.length === 0 ? "" : `, which differed in ${nameSome(names)}`;
  return `Replaced the plans ${path}${how}; trainings with the old ones keep them as plans.json in ` +
    "their results";
}

function parsedOrUndefined(text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch {
    return undefined;
  }
}
