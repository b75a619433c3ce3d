/** Names the integers found in label maps. */

import type { DatasetJson } from "../files/dataset.ts";
import { ignoreName } from "../files/dataset_labels.ts";
import { nameSome } from "../files/some_names.ts";
import { isPictureMask } from "./find_labels.ts";

/**
 * Names of the classes: a list for the labels 1, 2, …, or an object from names to the integers in
 * the files. The background is 0 and needs no name. A list of several integers is a region; regions
 * may overlap.
 */
export type ClassNames = readonly string[] | Readonly<Record<string, number | readonly number[]>>;

/** Labels for `dataset.json`, and how to get them from the files. */
export interface NamedLabels extends Pick<DatasetJson, "labels" | "regionsClassOrder"> {
  /** New label for each integer in the files; undefined if all stay the same. */
  readonly replacements?: ReadonlyMap<number, number>;
}

/** Names of the cases that have each label. */
export type CasesByLabel = ReadonlyMap<number, readonly string[]>;

/** Label maps have labels without a name. */
export class UnnamedLabelsError extends RangeError {
  /** The integers in the files, the background's included. */
  readonly found: readonly number[];

  /** Creates the error; `found` are the integers in the files, the background's included. */
  constructor(message: string, found: readonly number[]) {
    super(message);
    this.found = found;
  }
}

/** Labels with a name of their own in examples; more would hide what they show. */
const MAX_EXAMPLES = 8;

/**
 * Names the labels found in files.
 *
 * Without `classes` the names are `label_1`, `label_2`, …. Integers with gaps are renumbered in
 * ascending order; `ignore` always comes last.
 *
 * @param found Integers in the files.
 * @param regionsClassOrder For regions: an integer in the files to write for each, in the order of
 * `classes`. Later regions are written over earlier ones.
 * @param cases Names of the cases that have each label, for messages.
 * @throws {RangeError} If a label has no name, or, without `classes`, labels have gaps; or if
 * `regionsClassOrder` is missing or does not match the regions.
 */
export function nameLabels(
  found: readonly number[],
  classes?: ClassNames,
  regionsClassOrder?: readonly number[],
  cases: CasesByLabel = new Map(),
): NamedLabels {
  const regions = classes !== undefined && !isList(classes) &&
    Object.values(classes).some((value) => typeof value !== "number" && value.length > 1);
  if (regions) return nameRegions(found, classes, regionsClassOrder, cases);
  if (regionsClassOrder) {
    throw new RangeError(
      "Cannot name labels: found `regionsClassOrder`, expected at least one class with several " +
        "integers",
    );
  }
  if (classes === undefined) return nameByNumber(found, cases);
  return isList(classes)
    ? nameInOrder(found, classes, cases)
    : nameByInteger(found, classes, cases);
}

function nameByNumber(found: readonly number[], cases: CasesByLabel): NamedLabels {
  const foreground = found.filter((label) => label !== 0);
  if (foreground.length === 0) {
    throw new RangeError("Cannot name labels: found only background, expected another label");
  }
  const beyond = foreground.filter((label, i) => label !== i + 1);
  if (beyond.length > 0) {
    throw new UnnamedLabelsError(
      `Cannot name labels: found ${found.join(", ")}${whereFound(beyond, cases)}, ` +
        `expected 0, 1, 2, … without gaps; ${renumberNote(found, [])}`,
      found,
    );
  }
  return inOrder(foreground.map((label) => `label_${label}`));
}

function nameInOrder(
  found: readonly number[],
  classes: readonly string[],
  cases: CasesByLabel,
): NamedLabels {
  const names = classes[0]?.toLowerCase() === "background" ? classes.slice(1) : classes;
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new RangeError(`Cannot name labels: found "${repeated}" twice, expected unique names`);
  }
  if (names.slice(0, -1).includes(ignoreName)) {
    throw new RangeError(
      `Cannot name labels: found more classes after "${ignoreName}", expected it last`,
    );
  }
  const unnamed = found.filter((label) => label > names.length);
  if (unnamed.length > 0) {
    throw new UnnamedLabelsError(
      `Cannot name labels: found ${found.join(", ")}${whereFound(unnamed, cases)}, ` +
        `expected at most ${names.length}, the number of classes; ${renumberNote(found, names)}`,
      found,
    );
  }
  return inOrder(names);
}

function nameByInteger(
  found: readonly number[],
  classes: Exclude<ClassNames, readonly string[]>,
  cases: CasesByLabel,
): NamedLabels {
  const entries = integersByName(classes).map(([name, [integer]]) => [name, integer] as const);
  const integers = entries.map(([, integer]) => integer);
  const repeated = integers.find((integer, i) => integers.indexOf(integer) !== i);
  if (repeated !== undefined) {
    throw new RangeError(
      `Cannot name labels: found ${repeated} twice, expected unique integers`,
    );
  }
  const replacements = renumber(found, integers, integerOfIgnore(entries), cases);
  const names = entries.toSorted(([, a], [, b]) => replacements.get(a)! - replacements.get(b)!)
    .map(([name]) => name);
  return { ...inOrder(names), ...unlessSame(replacements) };
}

function nameRegions(
  found: readonly number[],
  classes: Exclude<ClassNames, readonly string[]>,
  order: readonly number[] | undefined,
  cases: CasesByLabel,
): NamedLabels {
  const entries = integersByName(classes);
  const regions = entries.filter(([name]) => name !== ignoreName);
  if (order?.length !== regions.length) {
    throw new RangeError(
      `Cannot name labels: \`regionsClassOrder\` has ${order?.length ?? "no"} entries, ` +
        `expected one integer for each of ${regions.map(([name]) => name).join(", ")}`,
    );
  }
  for (const [i, [name, integers]] of regions.entries()) {
    if (integers.includes(order[i])) continue;
    throw new RangeError(
      `Cannot name labels: \`regionsClassOrder\` has ${order[i]} for region "${name}", ` +
        `expected one of its integers, ${integers.join(", ")}`,
    );
  }
  const ignored = integerOfIgnore(entries.map(([name, [first]]) => [name, first]));
  const clash = regions.find(([, integers]) => ignored !== undefined && integers.includes(ignored));
  if (clash) {
    throw new RangeError(
      `Cannot name labels: "${clash[0]}" has ${ignored}, expected it only in "${ignoreName}"`,
    );
  }
  const integers = [...new Set(entries.flatMap(([, integers]) => integers))];
  const replacements = renumber(found, integers, ignored, cases);
  const named = entries.map(([name, integers]) => {
    const labels = integers.map((integer) => replacements.get(integer)!);
    return [name, labels.length === 1 ? labels[0] : labels] as const;
  });
  return {
    labels: Object.fromEntries([["background", 0], ...named]),
    regionsClassOrder: order.map((integer) => replacements.get(integer)!),
    ...unlessSame(replacements),
  };
}

/** Returns the classes except the background, each with its integers. */
function integersByName(
  classes: Exclude<ClassNames, readonly string[]>,
): (readonly [name: string, integers: readonly number[]])[] {
  const entries = Object.entries(classes).filter(([, value]) => value !== 0)
    .map(([name, value]) => [name, typeof value === "number" ? [value] : value] as const);
  for (const [name, integers] of entries) {
    const wrong = integers.find((integer) => !Number.isInteger(integer) || integer < 1);
    if (wrong === undefined && integers.length > 0) continue;
    throw new RangeError(
      `Cannot name labels: "${name}" is ${wrong ?? "empty"}, expected a positive integer`,
    );
  }
  const ignored = entries.find(([name]) => name === ignoreName)?.[1];
  if (ignored && ignored.length > 1) {
    throw new RangeError(
      `Cannot name labels: "${ignoreName}" is ${ignored.join(", ")}, expected one integer`,
    );
  }
  return entries;
}

function integerOfIgnore(entries: readonly (readonly [string, number])[]): number | undefined {
  return entries.find(([name]) => name === ignoreName)?.[1];
}

/** Assigns labels 1, 2, … to the integers in ascending order, the ignored one last; 0 stays 0. */
function renumber(
  found: readonly number[],
  integers: readonly number[],
  ignored: number | undefined,
  cases: CasesByLabel,
): Map<number, number> {
  const unnamed = found.filter((label) => label !== 0 && !integers.includes(label));
  if (unnamed.length > 0) {
    throw new UnnamedLabelsError(
      `Cannot name labels: found ${unnamed.join(", ")} in the files` +
        `${whereFound(unnamed, cases)}, ` +
        `expected only the integers of the classes, ${integers.join(", ")}`,
      found,
    );
  }
  const ordered = integers.toSorted((a, b) =>
    Number(a === ignored) - Number(b === ignored) || a - b
  );
  return new Map([0, ...ordered].map((integer, label) => [integer, label]));
}

function unlessSame(replacements: ReadonlyMap<number, number>): Pick<NamedLabels, "replacements"> {
  return [...replacements].every(([from, to]) => from === to) ? {} : { replacements };
}

function inOrder(names: readonly string[]): NamedLabels {
  return {
    labels: Object.fromEntries([["background", 0], ...names.map((name, i) => [name, i + 1])]),
  };
}

function isList(classes: ClassNames): classes is readonly string[] {
  return Array.isArray(classes);
}

/** Says which cases have labels that are not in all cases: a few wrong files are the usual cause. */
function whereFound(labels: readonly number[], cases: CasesByLabel): string {
  const total = new Set([...cases.values()].flat()).size;
  const places = labels
    .map((label) => ({ label, names: cases.get(label) ?? [] }))
    .filter(({ names }) => names.length > 0 && names.length < total)
    .slice(0, MAX_EXAMPLES)
    .map(({ label, names }) => `${label} only in ${nameSome(names)}`);
  return places.length > 0 ? ` (${places.join("; ")})` : "";
}

/** Says how to renumber labels; those without a name get one in the example. */
function renumberNote(found: readonly number[], names: readonly string[]): string {
  if (isPictureMask(found)) {
    const name = names.length === 1 ? asKey(names[0]) : "NAME";
    return `this is a black-and-white mask; pass \`classes: { ${name}: 255 }\` to name its ` +
      "foreground and renumber it as 1";
  }
  const example = found.filter((label) => label !== 0).slice(0, MAX_EXAMPLES)
    .map((label) => `${asKey(names[label - 1] ?? `label_${label}`)}: ${label}`);
  return `pass \`classes\` with their integers to renumber them, such as ` +
    `\`classes: { ${example.join(", ")} }\``;
}

/** Writes a name as the key of an object. */
function asKey(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}
