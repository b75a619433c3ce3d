/** Verifies that a data set can be used for training, and reports all problems together. */

import { basename, join } from "../platform/paths.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { declaredLabels } from "../files/dataset_labels.ts";
import { channelFileName, fileNames } from "../files/paths.ts";
import { requestedReader } from "../image/reader.ts";
import { listImages } from "../image/scan_folder.ts";
import { channelOf } from "./channels.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { listIgnoredImages } from "./cases.ts";
import { checkCase, type Problem } from "./check_case.ts";
import { type CheckedCase, compareCases } from "./compare_cases.ts";
import { type ProgressOptions, progressOptions } from "./find_labels.ts";
import { requireKnown } from "../options/require_known.ts";

/** Problems of a data set. */
export interface IntegrityReport {
  /** Problems that prevent training. */
  readonly errors: readonly Problem[];
  /** Problems that may be intended. */
  readonly warnings: readonly Problem[];
}

/** Data set to verify; a `Dataset` is one. */
export interface VerifiedDataset {
  /** The data set's folder in `nnUNet_raw`. */
  readonly folder: string;
  /** The contents of `dataset.json`. */
  readonly json: DatasetJson;
  /** Cases with images and label maps. */
  readonly cases: readonly TrainingCase[];
  /** Cases with images only; none by default. */
  readonly testCases?: readonly TestCase[];
}

/**
 * Reads all files of a data set and returns all problems. One file is in memory at a time.
 *
 * Errors: no cases; a number of cases other than declared; missing, unreadable or truncated files;
 * missing channels; undeclared labels; NaN or infinity in an image; shapes or spacings that differ
 * within a case. Warnings: origins, directions or affines that differ; label maps without an image;
 * labels that never occur; empty label maps; and, beyond nnU-Net's checks, constant images,
 * duplicate images, voxel axes that differ from most cases', cases in both training and test, and
 * all problems of test images, which training does not need.
 *
 * @param dataset The data set to verify.
 * @param options How to observe and abort the work, which is counted in cases.
 * @returns All problems; both lists are empty if there are none.
 * @throws {TypeError} If an option is unknown.
 * @throws The signal's reason, if it is aborted.
 *
 * @example A case whose label map is missing
 * ```ts
 * import assert from "node:assert/strict";
 * import { imageFrom, verifyDatasetIntegrity, writeImage } from "nnunet";
 *
 * const folder = await Deno.makeTempDir();
 * const grid = { shape: [1, 2, 2], spacing: [3, 1, 1] };
 * await writeImage(`${folder}/a_0000.nii.gz`, imageFrom(Float32Array.of(1, 2, 3, 4), grid));
 * const { errors } = await verifyDatasetIntegrity({
 *   folder,
 *   json: {
 *     channelNames: ["MRI"],
 *     labels: { background: 0, hippocampus: 1 },
 *     numTraining: 1,
 *     fileEnding: ".nii.gz",
 *   },
 *   cases: [{ name: "a", images: [`${folder}/a_0000.nii.gz`], label: `${folder}/a.nii.gz` }],
 * });
 * assert.deepEqual(errors.map((problem) => problem.case), ["a"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
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
  const reader = requestedReader(json.overwriteImageReaderWriter);
  const problems: Problem[] = [];
  const checked: CheckedCase[] = [];
  const total = cases.length + testCases.length;
  const occurring = new Set<number>();

  problems.push(...countProblems(dataset));
  if (!json.cases) problems.push(...cases.flatMap((one) => nameProblems(one, dataset)));
  for (const [done, one] of cases.entries()) {
    signal?.throwIfAborted();
    const check = await checkCase(one, json.channelNames.length, { declared, reader });
    problems.push(...check.problems);
    for (const label of check.labels) occurring.add(label);
    checked.push({ name: one.name, images: check.images, test: false });
    onProgress?.(done + 1, total);
  }
  for (const [done, one] of testCases.entries()) {
    signal?.throwIfAborted();
    const check = await checkCase(one, json.channelNames.length, { reader });
    problems.push(
      ...check.problems.map((problem) => ({ ...problem, severity: "warning" as const })),
    );
    checked.push({ name: one.name, images: check.images, test: true });
    onProgress?.(cases.length + done + 1, total);
  }
  problems.push(...compareCases(checked));
  if (!json.cases) problems.push(...await labelsWithoutImage(dataset));
  for (const { path, reason } of await listIgnoredImages(dataset.folder, json)) {
    problems.push({ severity: "warning", file: path, message: `is not used: ${reason}` });
  }
  if (cases.length > 0) problems.push(...unusedLabels(declared, occurring));
  return {
    errors: problems.filter(({ severity }) => severity === "error"),
    warnings: problems.filter(({ severity }) => severity === "warning"),
  };
}

/** Warns of labels that occur in no label map. */
export function unusedLabels(
  declared: readonly number[],
  occurring: ReadonlySet<number>,
): Problem[] {
  const never = declared.filter((label) => label !== 0 && !occurring.has(label));
  if (never.length === 0) return [];
  return [{
    severity: "warning",
    message: `labels ${never.join(", ")} are declared but occur in no label map`,
  }];
}

/**
 * Throws if a report has errors.
 *
 * @param subject Description of the data set for the message, such as `data set Hippocampus`.
 * @param report The problems; warnings are ignored.
 * @throws {IntegrityError} If the report has errors.
 *
 * @example A report with one error
 * ```ts
 * import { requireIntegrity } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * const errors = [{ severity: "error", case: "a", message: "found 1 channel, expected 2" }] as const;
 * assert.throws(() => requireIntegrity("data set 4", { errors, warnings: [] }), /case "a": found/);
 * ```
 */
export function requireIntegrity(subject: string, report: IntegrityReport): void {
  const { errors } = report;
  if (errors.length === 0) return;
  throw new IntegrityError(subject, errors);
}

/**
 * A data set, or the files for one, has problems. The message has one line per problem.
 *
 * @example Collecting the files that cannot be used
 * ```ts ignore
 * import { Dataset, IntegrityError } from "nnunet";
 *
 * await Dataset.create(source).catch((error) => {
 *   if (!(error instanceof IntegrityError)) throw error;
 *   for (const { file, message } of error.problems) console.log(file, message);
 * });
 * ```
 */
export class IntegrityError extends Error {
  /** The class's name. */
  override readonly name = "IntegrityError";
  /** All problems that prevent training. */
  readonly problems: readonly Problem[];

  /**
   * Lists the problems in the message.
   *
   * @param subject Description of the data set for the message, such as `data set Hippocampus`.
   * @param problems The problems, at least one.
   */
  constructor(subject: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const lines = problems.map((problem) => `- ${describeProblem(problem)}`);
    super(`Cannot use ${subject}: found ${count}, expected none\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Formats a problem as one line: the case, the file, and what was found and expected.
 *
 * @param problem The problem to describe.
 * @returns The line, without a line break.
 *
 * @example A label map without foreground
 * ```ts
 * import { describeProblem } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   describeProblem({ severity: "warning", file: "a.nii.gz", message: "found only background" }),
 *   "a.nii.gz: found only background",
 * );
 * ```
 */
export function describeProblem(problem: Problem): string {
  const { case: caseName, file, message, cause } = problem;
  const named = file !== undefined && cause === undefined; // Errors of reading name the file.
  return (caseName === undefined ? "" : `case "${caseName}": `) +
    (named ? `${file}: ` : "") + message;
}

function countProblems({ folder, json, cases }: VerifiedDataset): Problem[] {
  if (cases.length === 0) {
    return [{
      severity: "error",
      file: join(folder, fileNames.imagesTr),
      message: `found no training images named CASE_0000${json.fileEnding}, expected at least one`,
    }];
  }
  if (cases.length === (json.numTraining ?? cases.length)) return [];
  return [{
    severity: "error",
    file: join(folder, fileNames.dataset),
    message: `found ${cases.length} training cases, expected ${json.numTraining} (numTraining)`,
  }];
}

/** Finds gaps in channel numbers, which the number of channels does not reveal. */
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
