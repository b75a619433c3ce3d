/**
 * nnU-Net v1's `dataset.json`, which is that of the Medical Segmentation Decathlon.
 *
 * Read it with `readDatasetJson()`, which knows both versions.
 *
 * @see MIC-DKFZ/nnUNet@db16c6ce documentation/dataset_conversion.md
 */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import { fileNames } from "./paths.ts";
import { formatPythonJson, type PythonJson } from "./python_json.ts";
import { isTaken } from "../platform/files.ts";

/** The one file ending of version 1, which does not say so. */
export const fileEndingV1 = ".nii.gz";

/** What a version 1 data set says of itself. */
export interface DatasetJsonV1 {
  readonly name: string;
  readonly description?: string;
  readonly reference?: string;
  readonly licence?: string;
  readonly release?: string;
  /** Names by channel. */
  readonly modality: readonly string[];
  /** Names by integer, the background's first. */
  readonly labels: readonly string[];
  readonly trainingCases: readonly string[];
  readonly testCases: readonly string[];
}

/**
 * Writes a `dataset.json` of version 1, whole or not at all.
 *
 * @param options.overwrite Replace the file if it exists; without it, what is there stays.
 * @returns Whether it was written.
 * @throws {RangeError} If there are no channels, no label beside the background, or a name twice.
 */
export async function writeDatasetJsonV1(
  path: string,
  value: DatasetJsonV1,
  { overwrite = true } = {},
): Promise<boolean> {
  const action = `Cannot write ${path}`;
  if (value.modality.length === 0) {
    throw new RangeError(`${action}: found no modality, expected one`);
  }
  if (value.labels.length < 2) {
    throw new RangeError(`${action}: found ${value.labels.length} labels, expected at least 2`);
  }
  const repeated = value.labels.find((name, i) => value.labels.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new RangeError(`${action}: found the label "${repeated}" twice, expected it once`);
  }
  if (!overwrite && await isTaken(path)) return false;
  await writeFileAtomically(path, formatPythonJson(formatDatasetJsonV1(value)));
  return true;
}

/** The content of a `dataset.json` of version 1, in its spelling. */
function formatDatasetJsonV1(value: DatasetJsonV1) {
  // Images are listed without the channel number that their files carry.
  const file = (folder: string, name: string) => `./${folder}/${name}${fileEndingV1}`;
  return {
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
  } satisfies PythonJson;
}

/** What version 2 says in other words or not at all; the rest stays when a file is upgraded. */
const outdated = { modality: true, training: true, test: true };

/**
 * The content of a version 1 file in the words of version 2; keys that neither knows are kept.
 *
 * The label 0 becomes `background`, the only name by which nnU-Net v2 knows it.
 *
 * @param content A parsed file of version 1, as `parseDatasetJson()` accepts it.
 * @param dropped More keys to leave out.
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
 * Labels by name, as version 2 has them, out of names by integer.
 *
 * Names that two labels share get their integers attached, so that neither is lost.
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
