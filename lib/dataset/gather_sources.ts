/** Collects and checks the files for a new data set. */

import { basename } from "../platform/paths.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { datasetEndingOf, holdsScans, imageEndingOf } from "../image/registry.ts";
import type { AnyCase, TestCase, TrainingCase } from "./case.ts";
import { checkCase, type Problem } from "./check_case.ts";
import { type CheckedCase, compareCases } from "./compare_cases.ts";
import type { ProgressOptions } from "./find_labels.ts";
import { requireIntegrity } from "./integrity.ts";
import { groupSourceImages, pairSourceCases } from "./source_cases.ts";
import type { Segmentation } from "../image/image.ts";
import type { CasesByLabel, ClassNames } from "./label_names.ts";
import {
  labelStructures,
  type StructureLabels,
  type StructureOptions,
} from "./structure_labels.ts";
import { warningLines } from "./warning_lines.ts";
import type { KnownOptions } from "../options/require_known.ts";

/** Folders of scans and label maps. */
export interface SourceFolders extends StructureOptions {
  /**
   * Folder of images: `CASE.nii.gz`, or `CASE_0000.nii.gz`, … with one file per channel, in any
   * supported format; or folders `CASE` of DICOM slices, which are converted to the label maps'
   * format. Files of formats that nnU-Net does not read, such as `.mhd`, are converted.
   */
  readonly images: string;
  /**
   * Folder of label maps, named `CASE.nii.gz`; or of DICOM segmentations and structure sets, named
   * `CASE.dcm` or in folders `CASE`, which may be those of the slices. Their structures are drawn on
   * the image's grid, and each name becomes a label.
   */
  readonly labels: string;
  /** Names of the channels; `CT` selects normalisation for computed tomography. */
  readonly channels: readonly string[];
  /** Folder of test images, or names of cases among `images` to exclude from training. */
  readonly test?: string | readonly string[];
  /** Called with the files of the folders that belong to no case, if there are any. */
  readonly onIgnored?: (ignored: readonly IgnoredFile[]) => void;
}

/** Option names of {@link SourceFolders}. */
export const sourceFolders: KnownOptions<SourceFolders> = {
  images: true,
  labels: true,
  channels: true,
  test: true,
  onIgnored: true,
  overlapOrder: true,
  series: true,
  onWarning: true,
};

/** Checked cases, ready to be copied. */
export interface GatheredSources {
  readonly training: readonly TrainingCase[];
  readonly test: readonly TestCase[];
  /**
   * Common ending of all files, in lower case, or that of the format to which they are to be
   * converted because nnU-Net does not read theirs.
   */
  readonly fileEnding: string;
  /** Integers in all label maps and 0, ascending. */
  readonly labels: readonly number[];
  /** Names of the cases that have each label. */
  readonly casesByLabel: CasesByLabel;
  /** Names of the labels, if they are those of structures. */
  readonly classes?: ClassNames;
  /** Makes the label map of a case of structures. */
  readonly readStructures: (one: AnyCase) => Promise<Segmentation>;
}

/**
 * Pairs images with label maps and checks all files.
 *
 * @param title Name of the new data set, for messages.
 * @param classes Names of the labels, if given.
 * @param options.onProgress Called after each case.
 * @throws {RangeError} If the files have different endings.
 * @throws {IntegrityError} If the files have problems.
 */
export async function gatherSources(
  title: string,
  source: SourceFolders,
  classes: ClassNames | undefined,
  { signal, onProgress }: ProgressOptions,
): Promise<GatheredSources> {
  const { training, test, ignored } = await collectCases(source);
  const { series } = source;
  const reported = new Set<string>(); // A case is read more than once.
  const onWarning = (message: string) => {
    if (!reported.has(message)) source.onWarning?.(message);
    reported.add(message);
  };
  const structures = await structuresOf(title, training, classes, { ...source, onWarning });
  const allIgnored = [...ignored, ...structures?.ignored ?? []];
  if (allIgnored.length > 0) source.onIgnored?.(allIgnored);
  const readStructures = structures?.read ?? noStructures;
  const all = [...training, ...test];
  const fileEnding = commonEnding(title, all);
  const problems: Problem[] = [];
  const checked: CheckedCase[] = [];
  const casesByLabel = new Map<number, string[]>([[0, []]]);
  for (const [done, one] of all.entries()) {
    signal?.throwIfAborted();
    const check = await checkCase(one, source.channels.length, {
      series,
      onWarning,
      readStructures,
    });
    problems.push(...check.problems);
    checked.push({ name: one.name, images: check.images, test: done >= training.length });
    for (const label of check.labels) {
      casesByLabel.set(label, [...casesByLabel.get(label) ?? [], one.name]);
    }
    onProgress?.(done + 1, all.length);
  }
  const errors = problems.filter(({ severity }) => severity === "error");
  const warnings = problems.filter(({ severity }) => severity === "warning");
  requireIntegrity(`these files for ${title}`, { errors, warnings });
  warningLines([...warnings, ...compareCases(checked)]).forEach(onWarning);
  return {
    training,
    test,
    fileEnding,
    labels: [...casesByLabel.keys()].sort((a, b) => a - b),
    casesByLabel,
    classes: structures?.classes,
    readStructures,
  };
}

/** The labels of the cases' structures; undefined if cases have label maps. */
async function structuresOf(
  title: string,
  cases: readonly TrainingCase[],
  classes: ClassNames | undefined,
  options: StructureOptions,
): Promise<StructureLabels | undefined> {
  const drawn = cases.filter(({ hasStructures }) => hasStructures);
  if (drawn.length === 0) return undefined;
  const mapped = cases.find(({ hasStructures }) => !hasStructures);
  if (!mapped) return await labelStructures(drawn, classes, options);
  throw new RangeError(
    `Cannot create ${title}: found the label map ${mapped.label} and the structures of ` +
      `${drawn[0].label}, expected all cases to have the same kind of ground truth`,
  );
}

function noStructures({ name }: AnyCase): Promise<Segmentation> {
  return Promise.reject(new TypeError(`Cannot read "${name}": it has no structures`));
}

async function collectCases(source: SourceFolders) {
  const { images, labels, channels, test } = source;
  const paired = await pairSourceCases(images, labels, channels.length);
  const ignored = [...paired.ignored];
  const problems: Problem[] = [...paired.problems];
  let training = paired.cases;
  let held: readonly TestCase[] = [];
  if (typeof test === "string") {
    const grouped = await groupSourceImages(test, channels.length);
    problems.push(...grouped.problems);
    ignored.push(...grouped.ignored);
    held = grouped.cases;
  } else if (test) {
    const names = new Set(training.map(({ name }) => name));
    for (const name of test.filter((name) => !names.has(name))) {
      problems.push({ severity: "error", case: name, message: `found no such case in ${images}` });
    }
    held = training.filter(({ name }) => test.includes(name));
    training = training.filter(({ name }) => !test.includes(name));
    if (training.length === 0 && held.length > 0) {
      problems.push({
        severity: "error",
        message: "found only test cases, expected at least one training case",
      });
    }
  }
  const testNames = new Set(held.map(({ name }) => name));
  for (const [name, file] of paired.unusedLabels) {
    if (testNames.has(name)) continue; // The folder may also have the test images' labels.
    problems.push({
      severity: "error",
      case: name,
      file,
      message: `found no image of this name in ${images}`,
    });
  }
  requireIntegrity(`${images} and ${labels}`, { errors: problems, warnings: [] });
  return { training, test: held, ignored };
}

/**
 * Returns the ending of the data set's files, from the common ending of all files; folders of DICOM
 * slices take the label maps' ending, and structures that of the images. Without any, it is that of
 * NIfTI.
 */
function commonEnding(title: string, cases: readonly AnyCase[]): string {
  const files = cases
    .flatMap(({ images, label, hasStructures }) =>
      label && !hasStructures ? [...images, label] : images
    )
    .map((path) => ({ path, ending: imageEndingOf(basename(path))?.toLowerCase() }));
  const endings = new Set(files.flatMap(({ ending }) => ending ?? []));
  const series = files.find(({ ending }) => ending === undefined);
  if (endings.size === 0 && series) return ".nii.gz";
  if (endings.size === 1) {
    const ending = datasetEndingOf([...endings][0]);
    if (!series || holdsScans(ending)) return ending;
    throw new RangeError(
      `Cannot create ${title}: found the DICOM slices ${series.path} and label maps ending in ` +
        `${ending}, expected a format that holds scans, such as .nii.gz`,
    );
  }
  throw new RangeError(
    `Cannot create ${title}: found files ending in ${[...endings].join(", ")}, expected one ending`,
  );
}
