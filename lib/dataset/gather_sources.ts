/** Collects and checks the files for a new data set. */

import { basename } from "../platform/paths.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { holdsScans, imageEndingOf } from "../image/registry.ts";
import type { AnyCase, TestCase, TrainingCase } from "./case.ts";
import { checkCase, type Problem } from "./check_case.ts";
import type { ProgressOptions } from "./find_labels.ts";
import { requireIntegrity } from "./integrity.ts";
import { groupSourceImages, pairSourceCases } from "./source_cases.ts";
import type { KnownOptions } from "../options/require_known.ts";

/** Folders of scans and label maps. */
export interface SourceFolders {
  /**
   * Folder of images: `CASE.nii.gz`, or `CASE_0000.nii.gz`, … with one file per channel, in any
   * supported format; or folders `CASE` of DICOM slices, which are converted to the label maps'
   * format.
   */
  readonly images: string;
  /** Folder of label maps, named `CASE.nii.gz`. */
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
};

/** Checked cases, ready to be copied. */
export interface GatheredSources {
  readonly training: readonly TrainingCase[];
  readonly test: readonly TestCase[];
  /** Common ending of all files, in lower case. */
  readonly fileEnding: string;
  /** Integers in all label maps and 0, ascending. */
  readonly labels: readonly number[];
}

/**
 * Pairs images with label maps and checks all files.
 *
 * @param title Name of the new data set, for messages.
 * @param options.onProgress Called after each case.
 * @throws {RangeError} If the files have different endings.
 * @throws {IntegrityError} If the files have problems.
 */
export async function gatherSources(
  title: string,
  source: SourceFolders,
  { signal, onProgress }: ProgressOptions,
): Promise<GatheredSources> {
  const { training, test } = await collectCases(source);
  const all = [...training, ...test];
  const fileEnding = commonEnding(title, all);
  const problems: Problem[] = [];
  const labels = new Set([0]);
  for (const [done, one] of all.entries()) {
    signal?.throwIfAborted();
    const check = await checkCase(one, source.channels.length);
    problems.push(...check.problems.filter(({ severity }) => severity === "error"));
    for (const label of check.labels) labels.add(label);
    onProgress?.(done + 1, all.length);
  }
  requireIntegrity(`these files for ${title}`, { errors: problems, warnings: [] });
  return { training, test, fileEnding, labels: [...labels].sort((a, b) => a - b) };
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
  if (ignored.length > 0) source.onIgnored?.(ignored);
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
  return { training, test: held };
}

/** Returns the common ending of all files; folders of DICOM slices take the label maps' ending. */
function commonEnding(title: string, cases: readonly AnyCase[]): string {
  const files = cases.flatMap(({ images, label }) => label ? [...images, label] : images)
    .map((path) => ({ path, ending: imageEndingOf(basename(path))?.toLowerCase() }));
  const endings = new Set(files.flatMap(({ ending }) => ending ?? []));
  const series = files.find(({ ending }) => ending === undefined);
  if (endings.size === 1) {
    const [ending] = endings;
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
