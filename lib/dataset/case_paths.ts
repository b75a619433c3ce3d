/** Resolves the paths of cases listed in `dataset.json`. */

import { isAbsolute, join, relative, resolve } from "../platform/paths.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { fileNames } from "../files/paths.ts";
import type { TrainingCase } from "./case.ts";

/** Returns the value of an environment variable, or undefined if it is not set. */
export type Variables = (name: string) => string | undefined;

/**
 * Returns the cases listed in `dataset.json`, sorted by name, with absolute paths.
 *
 * Relative paths are resolved against the data set's folder and must stay inside it. Files elsewhere
 * need absolute paths, which may use variables such as `$DATA` or `${DATA}`. In contrast to Python's
 * `expandvars`, unset variables are an error.
 *
 * @param folder The data set's folder.
 * @param listed Images and label map by case name.
 * @throws {RangeError} If paths leave the folder or use unset variables; the message lists them all.
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

/** Replaces `$NAME` and `${NAME}` in a text; those without a value are kept. */
export function expandVariables(text: string, variables: Variables): string {
  return text.replace(
    /\$(?:(\w+)|\{([^}]*)\})/g,
    (reference, plain, braced) => variables(plain ?? braced) ?? reference,
  );
}

function leaves(folder: string, path: string): boolean {
  const inside = relative(resolve(folder), resolve(folder, path));
  return inside === ".." || /^\.\.[/\\]/.test(inside) || isAbsolute(inside);
}
