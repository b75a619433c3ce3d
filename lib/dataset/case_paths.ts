/** Where the files lie that `dataset.json` lists itself. */

import { isAbsolute, join, relative, resolve } from "../platform/paths.ts";
import type { DatasetJson } from "../files/dataset_json.ts";
import { fileNames } from "../files/paths.ts";
import type { TrainingCase } from "./case.ts";

/** The value of an environment variable, if it is set. */
export type Variables = (name: string) => string | undefined;

/**
 * The cases that `dataset.json` lists, by name, with absolute paths.
 *
 * Relative paths count from the data set's folder and stay inside it; other places are named by
 * absolute paths, or by variables such as `$DATA` or `${DATA}` that hold one. Unlike Python's
 * `expandvars`, variables that are not set are an error, not a file of that name.
 *
 * @throws {RangeError} Listing every path that leaves the folder or names an unset variable.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/utils.py
 */
export function resolveListedCases(
  folder: string,
  listed: NonNullable<DatasetJson["cases"]>,
  variables: Variables,
): TrainingCase[] {
  const problems: string[] = [];
  const locate = (key: string, path: string) => {
    const expanded = expandVariables(path, (name) => {
      const value = variables(name);
      if (value === undefined) {
        problems.push(`dataset.${key} is "${path}", expected ${name} to be set`);
      }
      return value;
    });
    if (isAbsolute(expanded)) return expanded;
    if (leaves(folder, expanded)) {
      problems.push(
        `dataset.${key} is "${path}", expected an absolute path or one that stays in the folder`,
      );
    }
    return resolve(folder, expanded);
  };
  const cases = Object.entries(listed).map(([name, { images, label }]) => ({
    name,
    images: images.map((path, channel) => locate(`${name}.images.${channel}`, path)),
    label: locate(`${name}.label`, label),
  }));
  if (problems.length > 0) {
    throw new RangeError(`Cannot use ${join(folder, fileNames.dataset)}: ${problems.join("; ")}`);
  }
  return cases.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** A text with its `$NAME` and `${NAME}` replaced; those without a value stay. */
export function expandVariables(text: string, variables: Variables): string {
  return text.replace(
    /\$(?:(\w+)|\{([^}]*)\})/g,
    (reference, plain, braced) => variables(plain ?? braced) ?? reference,
  );
}

function leaves(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(folder, path));
  return way === ".." || /^\.\.[/\\]/.test(way) || isAbsolute(way);
}
