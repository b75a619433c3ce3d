/**
 * Parses nnU-Net's `dataset.json` of version 1 and 2, and formats version 2.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 documentation/dataset_format.md
 */

import { z } from "../packages/zod.ts";
import type { DatasetJson } from "./dataset.ts";
import { upgradeDatasetJson } from "./dataset_json_v1.ts";
import { isFileName, requireFileName } from "../untrusted/file_name.ts";
import { declaredLabels, hasRegions, ignoreName } from "./dataset_labels.ts";
import { withoutUndefined } from "./without_undefined.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

/** An integer, or its digits as text, which nnU-Net converts by Python's `int()`. */
const integer = z.union([
  z.int().nonnegative(),
  z.string().regex(/^\s*\d{1,9}\s*$/).transform(Number),
], "expected an integer of at least 0");
const path = z.string().min(1);
const labelsByName = z.record(
  z.string(),
  z.union(
    [integer, z.array(integer).nonempty()],
    "expected an integer of at least 0, or a list of such integers",
  ),
);
const labelsByNumber = z.record(z.string().regex(/^\d+$/), z.string());
const ending = z.string().refine(
  (text) => text.startsWith(".") && isFileName(`case${text}`),
  "expected a file ending such as .nii.gz",
);
/** Descriptive text; values of every kind occur, such as numbers and lists of references. */
const note = z.unknown().transform((value) => {
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === "string");
  return isList ? value.join("; ") : JSON.stringify(value);
}).optional();
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
  // Only planning needs it, and models are predicted with without it.
  numTraining: integer.nullish().transform((count) => count ?? undefined),
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
  numTraining: integer.nullish().transform((count) => count ?? undefined),
  file_ending: ending.optional(),
  ...descriptive,
  relase: note, // A misspelling in the first Decathlon files that others have copied.
});

/**
 * Validates the parsed content of a `dataset.json`, such as the copy in a checkpoint, of version 2,
 * or of version 1, which has the key `modality`. Environment variables in paths are not expanded.
 *
 * @param source Name of the source for error messages.
 * @throws {TypeError} If keys are missing or have wrong types; the message lists them all.
 * @throws {RangeError} If channels or labels are not numbered consecutively from 0, `ignore` is not
 * the highest label, `regions_class_order` does not match the regions, or one of several regions is
 * named like a whole number.
 */
export function parseDatasetJson(content: unknown, source: string): DatasetJson {
  const action = `Cannot read ${source}`;
  const dataset = isVersion1(content)
    ? fromVersion1(content, action)
    : fromVersion2(parse(version2, content, action), "channel_names", action);
  requireConsistent(dataset, action);
  return dataset;
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

/** Returns whether the parsed content of a `dataset.json` is of version 1: it has `modality`. */
export function isVersion1(content: unknown): content is Readonly<Record<string, unknown>> {
  return typeof content === "object" && content !== null &&
    "modality" in content && !("channel_names" in content);
}

function parse<T>(schema: z.ZodType<T>, content: unknown, action: string): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw new TypeError(`${action}: ${schemaProblems(result.error)}`, { cause: result.error });
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

/** Converts a record with the keys "0", "1", … to a list; "0000" is 0, as for Python's `int()`. */
function inOrder(record: Record<string, string>, key: string, action: string): string[] {
  const keys = Object.keys(record);
  const byNumber = new Map(
    keys.filter((each) => /^\d+$/.test(each)).map((each) => [Number(each), record[each]]),
  );
  const names = keys.flatMap((_, i) => byNumber.get(i) ?? []);
  if (keys.length === 0 || names.length < keys.length) {
    throw new RangeError(
      `${action}: ${key} has the keys ${keys.join(", ") || "none"}, expected 0, 1, … without gaps`,
    );
  }
  return names;
}

/**
 * Checks the names of cases, the integers of labels and the order of regions.
 *
 * @param action Beginning of error messages.
 * @throws {RangeError} As {@link parseDatasetJson}.
 */
export function requireConsistent(datasetJson: DatasetJson, action: string) {
  const { labels, regionsClassOrder, cases } = datasetJson;
  // Names of cases become file names.
  for (const name of Object.keys(cases ?? {})) {
    requireFileName(name, `${action}: a case of dataset`);
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
    .flatMap(([name, value]) => value !== 0 && name !== ignoreName ? [name] : []);
  if (regionsClassOrder?.length !== regions.length) {
    throw new RangeError(
      `${action}: regions_class_order has ${regionsClassOrder?.length ?? "no"} entries, ` +
        `expected one for each of ${regions.length} regions`,
    );
  }
  // JavaScript lists such keys first, whatever their place in the file, and the order of regions
  // is that of the network's heads.
  const moved = regions.length > 1 && regions.find((name) => /^(0|[1-9]\d*)$/.test(name));
  if (moved) {
    throw new RangeError(
      `${action}: labels has a region named "${moved}", whose place among the regions is lost, ` +
        "expected names that are not whole numbers",
    );
  }
}
