/**
 * Writes and upgrades nnU-Net v1's `dataset.json`, which is the Medical Segmentation Decathlon's.
 *
 * `readDatasetJson()` reads both versions.
 *
 * @see MIC-DKFZ/nnUNet@db16c6ce documentation/dataset_conversion.md
 */

import { fileNames } from "./paths.ts";
import { formatPythonJson } from "./python_json.ts";

/** The file ending of version 1, whose `dataset.json` does not name it. */
export const fileEndingV1 = ".nii.gz";

/** Contents of a `dataset.json` of version 1. */
export interface DatasetJsonV1 {
  /** Name of the data set. */
  readonly name: string;
  /** What the data set shows; empty by default. */
  readonly description?: string;
  /** Where the data set comes from; empty by default. */
  readonly reference?: string;
  /** Licence of the data; empty by default. */
  readonly licence?: string;
  /** Version of the data; empty by default. */
  readonly release?: string;
  /** Names of the channels. */
  readonly modality: readonly string[];
  /** Names of the labels 0, 1, 2, …. */
  readonly labels: readonly string[];
  /** Names of the training cases. */
  readonly trainingCases: readonly string[];
  /** Names of the test cases. */
  readonly testCases: readonly string[];
}

/**
 * Checks the channels and labels.
 *
 * @param action Beginning of error messages.
 * @throws {RangeError} If there are no channels, no labels besides the background, or duplicate
 * names.
 */
export function requireConsistentV1(value: DatasetJsonV1, action: string) {
  if (value.modality.length === 0) {
    throw new RangeError(`${action}: found no modality, expected at least one`);
  }
  if (value.labels.length < 2) {
    throw new RangeError(`${action}: found ${value.labels.length} labels, expected at least 2`);
  }
  const repeated = value.labels.find((name, i) => value.labels.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new RangeError(`${action}: found the label "${repeated}" twice, expected unique names`);
  }
}

/** Formats the text of a `dataset.json` of version 1. */
export function formatDatasetJsonV1(value: DatasetJsonV1): string {
  // Images are listed without the channel numbers of their files.
  const file = (folder: string, name: string) => `./${folder}/${name}${fileEndingV1}`;
  return formatPythonJson({
    name: value.name,
    description: value.description ?? "",
    tensorImageSize: "3D",
    reference: value.reference ?? "",
    licence: value.licence ?? "",
    release: value.release ?? "0.0",
    modality: numbered(value.modality),
    labels: numbered(value.labels),
    numTraining: value.trainingCases.length,
    numTest: value.testCases.length,
    training: value.trainingCases.map((name) => ({
      image: file(fileNames.imagesTr, name),
      label: file(fileNames.labelsTr, name),
    })),
    test: value.testCases.map((name) => file(fileNames.imagesTs, name)),
  });
}

/** Keys that version 2 renames or lacks; others are kept in an upgrade. */
const outdated = { modality: true, training: true, test: true };

/**
 * Converts the content of a file of version 1 to version 2; unknown keys are kept.
 *
 * The label 0 is renamed `background`, the name that nnU-Net v2 requires.
 *
 * @param content Parsed content of version 1, as accepted by `parseDatasetJson()`.
 * @param dropped Further keys to omit.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/dataset_conversion
 */
export function upgradeDatasetJson(
  content: Readonly<Record<string, unknown>>,
  dropped: readonly string[] = [],
): Record<string, unknown> {
  const kept = Object.entries(content).filter(([key]) =>
    !(key in outdated) && !dropped.includes(key)
  );
  const labels = content.labels as Readonly<Record<string, unknown>>;
  return {
    ...Object.fromEntries(kept),
    labels: namesToIntegers(labels),
    file_ending: content.file_ending ?? fileEndingV1,
    channel_names: content.modality,
  };
}

/**
 * Converts names by integer, as in version 1, to integers by name, as in version 2.
 *
 * Integers are appended to duplicate names, so that no label is lost.
 */
function namesToIntegers(
  labels: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = Object.values(labels);
  if (!names.every((name) => typeof name === "string")) return { ...labels };
  const unique = (name: string, integer: string) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} ${integer}`;
  return Object.fromEntries(
    Object.entries(labels).map(([integer, name]) => {
      const first = Number(integer) === 0 && !names.includes("background");
      return [first ? "background" : unique(name as string, integer), Number(integer)];
    }),
  );
}

function numbered(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.entries());
}
