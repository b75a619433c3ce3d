/** Says how plans differ from those that they replace. */

import { exists, readTextFile } from "../platform/files.ts";
import { parsePythonJson } from "./python_json.ts";
import { nameSome } from "./some_names.ts";

/** Keys whose values are compared as a whole: their own keys are numbers of channels. */
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
  const differing = differingKeys(parsedOrUndefined(before), parsePythonJson(after));
  if (differing.size === 0) return undefined;
  const how = differing.has("") ? "" : `, which differed in ${nameSome([...differing])}`;
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

/** Returns the innermost keys at which values differ; an empty one if the values are of two kinds. */
function differingKeys(before: unknown, after: unknown, key = ""): Set<string> {
  if (isRecord(before) && isRecord(after) && !whole.includes(key)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return new Set([...keys].flatMap((key) => [...differingKeys(before[key], after[key], key)]));
  }
  return new Set(sortedText(before) === sortedText(after) ? [] : [key]);
}

/** Returns a text that is the same for equal values, whatever the order of their keys. */
function sortedText(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each: unknown) =>
      isRecord(each)
        ? Object.fromEntries(Object.keys(each).sort().map((key) => [key, each[key]]))
        : typeof each === "number"
        ? String(each) // JSON has no NaN.
        : each,
  ) ?? "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
