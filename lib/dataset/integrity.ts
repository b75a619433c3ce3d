/** Whether a data set can be trained on: everything that is wrong with it, at once. */

import { basename, join } from "../platform/paths.ts";
import { type DatasetJson, declaredLabels } from "../files/dataset_json.ts";
import { channelFileName, fileNames } from "../files/paths.ts";
import { listImages } from "../image/registry.ts";
import { channelOf } from "./cases.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { checkCase, type Problem } from "./check_case.ts";
import { type CheckedCase, compareCases } from "./compare_cases.ts";
import { type ProgressOptions, progressOptions } from "./find_labels.ts";
import { requireKnown } from "../options/require_known.ts";

/** What is wrong with a data set. */
export interface IntegrityReport {
  /** Problems that spoil training. */
  readonly errors: readonly Problem[];
  /** Problems that may be meant. */
  readonly warnings: readonly Problem[];
}

/** What {@link verifyDatasetIntegrity} checks; a `Dataset` is one. */
export interface VerifiedDataset {
  /** Its folder in `nnUNet_raw`. */
  readonly folder: string;
  readonly json: DatasetJson;
  readonly cases: readonly TrainingCase[];
  readonly testCases?: readonly TestCase[];
}

/**
 * Reads every file of a data set and reports every problem as data. One file is held in memory at a
 * time.
 *
 * Errors: no cases; number of cases other than declared; missing, unreadable or cut files; missing
 * channels; undeclared labels; NaN or infinity in an image; shapes or spacings that differ within a
 * case. Warnings: origins, directions or affines that differ; labels without an image; labels that
 * never occur; label maps that hold nothing; and, beyond what nnU-Net looks at, images without
 * contrast, images with the same voxels as another, cases whose voxel axes run another way than in
 * most, cases for training and test at once, and whatever is wrong with test images, which training
 * does not need.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/experiment_planning/verify_dataset_integrity.py
 */
export async function verifyDatasetIntegrity(
  dataset: VerifiedDataset,
  options: ProgressOptions = {},
): Promise<IntegrityReport> {
  requireKnown(options, progressOptions, "verify the data set");
  const { signal, onProgress } = options;
  const { json, cases, testCases = [] } = dataset;
  const declared = declaredLabels(json.labels);
  const problems: Problem[] = [];
  const checked: CheckedCase[] = [];
  const total = cases.length + testCases.length;
  const occurring = new Set<number>();

  problems.push(...countProblems(dataset));
  if (!json.cases) problems.push(...cases.flatMap((one) => nameProblems(one, dataset)));
  for (const [done, one] of cases.entries()) {
    signal?.throwIfAborted();
    const check = await checkCase(one, json.channelNames.length, declared);
    problems.push(...check.problems);
    for (const label of check.labels) occurring.add(label);
    checked.push({ name: one.name, images: check.images, test: false });
    onProgress?.(done + 1, total);
  }
  for (const [done, one] of testCases.entries()) {
    signal?.throwIfAborted();
    const check = await checkCase(one, json.channelNames.length);
    problems.push(
      ...check.problems.map((problem) => ({ ...problem, severity: "warning" as const })),
    );
    checked.push({ name: one.name, images: check.images, test: true });
    onProgress?.(cases.length + done + 1, total);
  }
  problems.push(...compareCases(checked));
  if (!json.cases) problems.push(...await labelsWithoutImage(dataset));
  const never = declared.filter((label) => label !== 0 && !occurring.has(label));
  if (cases.length > 0 && never.length > 0) {
    problems.push({
      severity: "warning",
      message: `labels ${never.join(", ")} are declared, found in no label map`,
    });
  }
  return {
    errors: problems.filter(({ severity }) => severity === "error"),
    warnings: problems.filter(({ severity }) => severity === "warning"),
  };
}

/**
 * Does nothing if a report holds no errors.
 *
 * @param subject The data set's name for the message, e.g. `data set Hippocampus`.
 * @throws {Error} One error listing them all, a line each.
 */
export function requireIntegrity(subject: string, { errors }: IntegrityReport): void {
  if (errors.length === 0) return;
  const count = errors.length === 1 ? "1 problem" : `${errors.length} problems`;
  const lines = errors.map((problem) => `- ${describeProblem(problem)}`);
  throw new Error(`Cannot use ${subject}: found ${count}, expected none\n${lines.join("\n")}`);
}

/** A problem as one line: the case, the file, what was found and what was expected. */
export function describeProblem({ case: caseName, file, message }: Problem): string {
  // Errors of reading name the file already.
  const named = file !== undefined && !message.includes(file);
  return (caseName === undefined ? "" : `case "${caseName}": `) +
    (named ? `${file}: ` : "") + message;
}

function countProblems({ folder, json, cases }: VerifiedDataset): Problem[] {
  if (cases.length === 0) {
    return [{
      severity: "error",
      file: join(folder, fileNames.imagesTr),
      message: `found no training images named CASE_0000${json.fileEnding}, expected some`,
    }];
  }
  if (cases.length === json.numTraining) return [];
  return [{
    severity: "error",
    file: join(folder, fileNames.dataset),
    message: `found ${cases.length} training cases, expected ${json.numTraining} (numTraining)`,
  }];
}

/** Channels numbered with a gap, which their count alone does not show. */
function nameProblems(
  { name, images }: TrainingCase,
  { json }: VerifiedDataset,
): Problem[] {
  const found = images.map((file) => basename(file));
  if (found.length !== json.channelNames.length) return [];
  const channels = found.map((file) => channelOf(file, json.fileEnding)?.channel);
  return json.channelNames.map((_, c) => c)
    .filter((c) => !channels.includes(c))
    .map((c) => ({
      severity: "error",
      case: name,
      message: `found ${found.join(", ")}, expected ${
        channelFileName(name, c, json.fileEnding)
      } among them`,
    }));
}

async function labelsWithoutImage(
  { folder, json, cases }: VerifiedDataset,
): Promise<Problem[]> {
  const labelsFolder = join(folder, fileNames.labelsTr);
  const expected = new Set(cases.map(({ label }) => basename(label)));
  return (await listImages(labelsFolder))
    .filter((name) => name.endsWith(json.fileEnding) && !expected.has(name))
    .map((name) => ({
      severity: "warning",
      file: join(labelsFolder, name),
      message: "label map has no image and is not used",
    }));
}
