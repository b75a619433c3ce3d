/** What a user's folders hold, once everything in them has been checked. */

import { basename } from "../platform/paths.ts";
import { holdsScans, imageEndingOf } from "../image/registry.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { checkCase, type Problem } from "./check_case.ts";
import type { ProgressOptions } from "./find_labels.ts";
import { requireIntegrity } from "./integrity.ts";
import { groupSourceImages, pairSourceCases, type SourceCase } from "./source_cases.ts";
import type { KnownOptions } from "../options/require_known.ts";

/** Where scans and label maps are. */
export interface SourceFolders {
  /**
   * Folder of images: `CASE.nii.gz`, or `CASE_0000.nii.gz` and on, one file a channel, in any format
   * that is read; or folders `CASE` of DICOM slices, which become files as the label maps are.
   */
  readonly images: string;
  /** Folder of label maps, named `CASE.nii.gz`. */
  readonly labels: string;
  /** Name by channel; `CT` chooses the normalisation of computed tomography. */
  readonly channels: readonly string[];
  /** Folder of test images, or names of cases among `images` to keep out of training. */
  readonly test?: string | readonly string[];
}

/** Names of what {@link SourceFolders} has. */
export const sourceFolders: KnownOptions<SourceFolders> = {
  images: true,
  labels: true,
  channels: true,
  test: true,
};

/** Cases ready to be copied. */
export interface GatheredSources {
  readonly training: readonly TrainingCase[];
  readonly test: readonly TestCase[];
  /** The ending that all files share, in lower case. */
  readonly fileEnding: string;
  /** Integers in the label maps and 0, ascending. */
  readonly labels: readonly number[];
}

/**
 * Pairs images with label maps and reads every file.
 *
 * @param title The future data set's name, for messages.
 * @param options.onProgress Called after every case.
 * @throws {RangeError} If the files have different endings.
 * @throws {Error} Listing everything that is wrong with the files.
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
  const problems: Problem[] = [...paired.problems];
  let training = paired.cases;
  let held: readonly TestCase[] = [];
  if (typeof test === "string") {
    const grouped = await groupSourceImages(test, channels.length);
    problems.push(...grouped.problems);
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
        message: "found only test cases, expected some to train on",
      });
    }
  }
  const testNames = new Set(held.map(({ name }) => name));
  for (const [name, file] of paired.unusedLabels) {
    if (testNames.has(name)) continue; // Labels of the test images may lie with the others.
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

/** The ending of all files; folders of DICOM slices have none and take that of the label maps. */
function commonEnding(title: string, cases: readonly SourceCase[]): string {
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
