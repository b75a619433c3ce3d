/**
 * Reads nnU-Net's `dataset.json` of version 1 and 2, and writes version 2.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 documentation/dataset_format.md
 */

import { z } from "zod";
import { writeJsonAtomically } from "../platform/atomic_write.ts";
import { upgradeDatasetJson } from "./dataset_json_v1.ts";
import { readJson } from "./read_json.ts";
import { withoutUndefined } from "./without_undefined.ts";

/** Contents of a `dataset.json`. */
export interface DatasetJson {
  /** Names of the channels, which determine their normalisation. */
  readonly channelNames: readonly string[];
  /**
   * Integers by name: 0 for the background, a list for a region of several integers, and optionally
   * the highest integer for unlabelled voxels, under the name {@link ignoreName}.
   */
  readonly labels: Readonly<Record<string, number | readonly number[]>>;
  /** For regions: the integer written for each region, in writing order. */
  readonly regionsClassOrder?: readonly number[];
  /** Number of training cases. */
  readonly numTraining: number;
  /** Ending of all image files, such as `.nii.gz`. */
  readonly fileEnding: string;
  /** Name of upstream's class that reads the images. */
  readonly overwriteImageReaderWriter?: string;
  /**
   * Files by case name, if not in `imagesTr` and `labelsTr`. Paths are absolute or relative to the
   * data set's folder and may use environment variables, such as `$DATA/a.nii.gz`.
   */
  readonly cases?: Readonly<Record<string, CaseFiles>>;
  /** Name of the data set, for readers. */
  readonly name?: string;
  /** What the data set shows, for readers. */
  readonly description?: string;
  /** Where the data set comes from, for readers. */
  readonly reference?: string;
  /** Licence of the data, for readers. */
  readonly licence?: string;
  /** Version of the data, for readers. */
  readonly release?: string;
}

/** The files of one training case. */
export interface CaseFiles {
  /** One path per channel. */
  readonly images: readonly string[];
  /** Path of the label map. */
  readonly label: string;
}

/** Name in `labels` of the value for unlabelled voxels, which are ignored. */
export const ignoreName = "ignore";

const integer = z.int().nonnegative();
const path = z.string().min(1);
const labelsByName = z.record(
  z.string(),
  z.union(
    [integer, z.array(integer).nonempty()],
    "expected an integer of at least 0, or a list of such integers",
  ),
);
const labelsByNumber = z.record(z.string().regex(/^\d+$/), z.string());
const ending = z.string().regex(/^\.[^/\\]+$/, "expected a file ending such as .nii.gz");
/** Descriptive text; null, numbers and lists of references occur. */
const note = z.union([z.string(), z.number(), z.array(z.string())], "expected text").nullish()
  .transform((value) => Array.isArray(value) ? value.join("; ") : value?.toString());
const descriptive = {
  name: note,
  description: note,
  reference: note,
  licence: note,
  release: note,
};

const version2 = z.object({
  channel_names: z.record(z.string(), z.string()),
  labels: labelsByName,
  regions_class_order: z.array(integer).nullish(),
  numTraining: integer,
  file_ending: ending,
  overwrite_image_reader_writer: z.string().nullish(),
  dataset: z.record(z.string(), z.object({ images: z.array(path).nonempty(), label: path }))
    .optional(),
  ...descriptive,
});

// Loose, since early files of version 2 still have "modality".
const version1 = z.looseObject({
  modality: z.record(z.string(), z.string()),
  labels: z.union(
    [labelsByNumber, labelsByName],
    "expected names by integer, or integers by name",
  ),
  numTraining: integer,
  file_ending: ending.optional(),
  ...descriptive,
  relase: note, // A misspelling in the first Decathlon files that others have copied.
});

/**
 * Reads a `dataset.json` of version 2, or of version 1, which has the key `modality`.
 *
 * Environment variables in the paths of cases are not expanded.
 *
 * @throws {SyntaxError} If the file is not JSON.
 * @throws {TypeError | RangeError} As {@link parseDatasetJson}.
 * @throws {Error} If the file cannot be opened.
 */
export async function readDatasetJson(path: string): Promise<DatasetJson> {
  return parseDatasetJson(await readJson(path), path);
}

/**
 * Validates the parsed content of a `dataset.json`, such as the copy in a checkpoint.
 *
 * @param source Name of the source for error messages.
 * @throws {TypeError} If keys are missing or have wrong types; the message lists them all.
 * @throws {RangeError} If channels or labels are not numbered consecutively from 0, `ignore` is not
 * the highest label, or `regions_class_order` does not match the regions.
 */
export function parseDatasetJson(content: unknown, source: string): DatasetJson {
  const action = `Cannot read ${source}`;
  const dataset = isVersion1(content)
    ? fromVersion1(content, action)
    : fromVersion2(parse(version2, content, action), "channel_names", action);
  requireConsistent(dataset, action);
  return dataset;
}

/**
 * Writes a `dataset.json` of version 2, completely or not at all.
 *
 * @throws {RangeError} As {@link parseDatasetJson}.
 */
export async function writeDatasetJson(path: string, value: DatasetJson): Promise<void> {
  requireConsistent(value, `Cannot write ${path}`);
  await writeJsonAtomically(path, formatDatasetJson(value));
}

/** Returns the content of a `dataset.json` of version 2, with nnU-Net's keys. */
export function formatDatasetJson(value: DatasetJson): Record<string, unknown> {
  return withoutUndefined({
    channel_names: Object.fromEntries(value.channelNames.entries()),
    labels: value.labels,
    regions_class_order: value.regionsClassOrder,
    numTraining: value.numTraining,
    file_ending: value.fileEnding,
    overwrite_image_reader_writer: value.overwriteImageReaderWriter,
    dataset: value.cases,
    name: value.name,
    description: value.description,
    reference: value.reference,
    licence: value.licence,
    release: value.release,
  });
}

/** Returns all integers that may occur in a label map, including the ignore label, ascending. */
export function declaredLabels(labels: DatasetJson["labels"]): number[] {
  return [...new Set(Object.values(labels).flat())].sort((a, b) => a - b);
}

/** Returns the integer of unlabelled voxels, or undefined if there is none. */
export function ignoreLabelOf(labels: DatasetJson["labels"]): number | undefined {
  const value = labels[ignoreName];
  return typeof value === "number" ? value : undefined;
}

/**
 * Returns the classes except background and ignore label: regions in declared order, or labels in
 * ascending order.
 *
 * @param labels The `labels` of a {@link DatasetJson}.
 *
 * @example
 * ```ts
 * import { foregroundOf } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * const labels = { background: 0, front: 1, back: 2, ignore: 3 };
 * assert.deepEqual(foregroundOf(labels).map(({ name }) => name), ["front", "back"]);
 * ```
 */
export function foregroundOf(
  labels: DatasetJson["labels"],
): { readonly name: string; readonly value: number | readonly number[] }[] {
  const found = Object.entries(labels).flatMap(([name, value]) =>
    value === 0 || name === ignoreName ? [] : [{ name, value }]
  );
  if (hasRegions(labels)) return found;
  return found.map(({ name, value }) => ({ name, value: [value].flat()[0] }))
    .sort((a, b) => a.value - b.value);
}

/** Returns the number of labels including the background but not the ignore label. */
export function labelCount(labels: DatasetJson["labels"]): number {
  return declaredLabels(labels).length - (ignoreLabelOf(labels) === undefined ? 0 : 1);
}

/** Returns the integers of all labels and regions except background and ignore label, ascending. */
export function foregroundIntegers(labels: DatasetJson["labels"]): number[] {
  const ignored = ignoreLabelOf(labels);
  return declaredLabels(labels).filter((label) => label !== 0 && label !== ignored);
}

/** Returns whether any class is a region of several labels; regions may overlap. */
export function hasRegions(labels: DatasetJson["labels"]): boolean {
  return Object.values(labels).some((value) => typeof value !== "number" && value.length > 1);
}

/** Returns whether the parsed content of a `dataset.json` is of version 1: it has `modality`. */
export function isVersion1(content: unknown): content is Readonly<Record<string, unknown>> {
  return typeof content === "object" && content !== null &&
    "modality" in content && !("channel_names" in content);
}

function parse<T>(schema: z.ZodType<T>, content: unknown, action: string): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const wording = message.replace(
      /^Invalid input: (expected .*), received (.*)$/,
      (_, expected, found) => `found ${found === "undefined" ? "nothing" : found}, ${expected}`,
    );
    return path.length === 0 ? wording : `${path.join(".")}: ${wording}`;
  });
  throw new TypeError(`${action}: ${problems.join("; ")}`, { cause: result.error });
}

function fromVersion2(
  content: z.infer<typeof version2>,
  channelsKey: string,
  action: string,
): DatasetJson {
  const { channel_names, file_ending, dataset, ...rest } = content;
  const { regions_class_order, overwrite_image_reader_writer: reader, ...same } = rest;
  return withoutUndefined({
    channelNames: inOrder(channel_names, channelsKey, action),
    fileEnding: file_ending,
    regionsClassOrder: regions_class_order ?? undefined,
    // Upstream treats the string "None" like a missing key.
    overwriteImageReaderWriter: reader === "None" ? undefined : reader ?? undefined,
    cases: dataset,
    ...same,
  });
}

function fromVersion1(content: Readonly<Record<string, unknown>>, action: string): DatasetJson {
  const { relase, release, ...known } = parse(version1, content, action);
  const upgraded = { ...upgradeDatasetJson(known), release: release ?? relase };
  return fromVersion2(parse(version2, upgraded, action), "modality", action);
}

/** Converts a record with the keys "0", "1", … to a list. */
function inOrder(record: Record<string, string>, key: string, action: string): string[] {
  const count = Object.keys(record).length;
  const names = Array.from({ length: count }, (_, i) => record[i]);
  if (count === 0 || names.includes(undefined as unknown as string)) {
    const found = Object.keys(record).join(", ") || "none";
    throw new RangeError(`${action}: ${key} has the keys ${found}, expected 0, 1, … without gaps`);
  }
  return names;
}

function requireConsistent(datasetJson: DatasetJson, action: string) {
  const { labels, regionsClassOrder, cases } = datasetJson;
  // Names of cases become file names.
  const unusable = Object.keys(cases ?? {}).find((name) => !/^(?!\.)[^/\\]+$/.test(name));
  if (unusable !== undefined) {
    throw new RangeError(
      `${action}: dataset has a case "${unusable}", expected a valid file name`,
    );
  }
  const integers = declaredLabels(labels);
  if (!Object.values(labels).includes(0)) {
    throw new RangeError(
      `${action}: labels has the integers ${integers.join(", ") || "none"}, ` +
        "expected 0 among them, for the background",
    );
  }
  if (integers.some((value, i) => value !== i)) {
    throw new RangeError(
      `${action}: labels has the integers ${integers.join(", ")}, ` +
        "expected consecutive integers from 0",
    );
  }
  if (ignoreName in labels && labels[ignoreName] !== integers.at(-1)) {
    throw new RangeError(
      `${action}: labels.${ignoreName} is ${JSON.stringify(labels[ignoreName])}, ` +
        `expected the highest label, ${integers.at(-1)}`,
    );
  }
  if (!hasRegions(labels)) return;
  const regions = Object.entries(labels)
    .filter(([name, value]) => value !== 0 && name !== ignoreName).length;
  if (regionsClassOrder?.length !== regions) {
    throw new RangeError(
      `${action}: regions_class_order has ${regionsClassOrder?.length ?? "no"} entries, ` +
        `expected one for each of ${regions} regions`,
    );
  }
}
