/** Options and steps shared by the commands that extract fingerprints and plan. */

import { zyx } from "../array/nd_array.ts";
import { listIgnoredImages } from "../dataset/cases.ts";
import { Dataset } from "../dataset/dataset.ts";
import { describeProblem, requireIntegrity, verifyDatasetIntegrity } from "../dataset/integrity.ts";
import type { Fingerprint } from "../files/plans.ts";
import type { Folders } from "../files/folders.ts";
import { datasetFolderName } from "../files/paths.ts";
import { type Command, Option } from "../packages/commander.ts";
import { Planner } from "../planner.ts";
import { type PlannerName, plannerNames } from "../planning/presets.ts";
import { formatReasons } from "../planning/reason.ts";
import type { Plans } from "../plans.ts";
import { processorCount } from "../platform/processors.ts";
import { each, parseDatasetIds, plansName, positiveNumber, wholeNumber } from "./arguments.ts";
import { UsageError } from "./exit_codes.ts";
import { printIgnored } from "./ignored_files.ts";
import { progressBar, type StatusLine } from "./status_line.ts";

/** How commands observe and stop their work. */
export interface Progress {
  readonly line: StatusLine;
  readonly signal: AbortSignal;
}

/** Adds `-d`, which takes several data sets, to a command. */
export function addDatasetsOption(command: Command): Command {
  return command.requiredOption(
    "-d <ids...>",
    "numbers or names of data sets, done one after another",
    parseDatasetIds,
  );
}

/** Values of the options added by {@link addLoggingOptions}. */
export interface LoggingOptions {
  verbose: boolean;
  no_pbar: boolean;
}

/** Adds the options of {@link LoggingOptions} to a command. */
export function addLoggingOptions(command: Command): Command {
  return command
    .option("--verbose", "also print a line for each case", false)
    .option("--no_pbar", "print no progress bar", false);
}

/** Values of the options added by {@link addFingerprintOptions}. */
export interface FingerprintOptions {
  verify_dataset_integrity: boolean;
  clean: boolean;
}

/** nnU-Net's one class that extracts fingerprints. */
const FINGERPRINT_EXTRACTOR = "DatasetFingerprintExtractor";

/** nnU-Net's one class that preprocesses cases. */
const PREPROCESSOR = "DefaultPreprocessor";

/**
 * Adds the options of {@link FingerprintOptions} to a command.
 *
 * @param workersOption Spelling of the option for the number of cases read at once.
 */
export function addFingerprintOptions(command: Command, workersOption: string): Command {
  return command
    .option("--verify_dataset_integrity", "check all files first", false)
    .addOption(
      new Option("--fpe <name>", "nnU-Net's class that extracts fingerprints; there is one")
        .choices([FINGERPRINT_EXTRACTOR]).default(FINGERPRINT_EXTRACTOR),
    )
    .option(
      `${workersOption} <n>`,
      "cases read in parallel for the fingerprint, one per core by default",
      wholeNumber(workersOption, 1),
    )
    .option(
      "--clean",
      "read all cases again even if there is a fingerprint that is newer than they are",
      false,
    );
}

/** Values of the options added by {@link addPlanningOptions}. */
export interface PlanningOptions {
  pl?: PlannerName;
  gpu_memory_target?: number;
  base_features?: number;
  overwrite_plans_name?: string;
  overwrite_target_spacing?: number[];
  explain: boolean;
}

/** Adds the options of {@link PlanningOptions} to a command. */
export function addPlanningOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--pl <planner>", "nnU-Net's planner; those with ResEnc plan residual encoders")
        .choices(plannerNames).default("ExperimentPlanner"),
    )
    .option(
      "--gpu_memory_target <GB>",
      "GPU memory to plan for, 8 by default",
      positiveNumber("--gpu_memory_target"),
    )
    .option(
      "--base_features <n>",
      "features of the first stage, 32 by default",
      wholeNumber("--base_features", 1),
    )
    .addOption(
      new Option("--preprocessor_name <name>", "nnU-Net's class that preprocesses; there is one")
        .choices([PREPROCESSOR]).default(PREPROCESSOR),
    )
    .option(
      "--overwrite_plans_name <name>",
      "name of the plans, the planner's by default",
      plansName("--overwrite_plans_name"),
    )
    .option(
      "--overwrite_target_spacing <mm...>",
      "target spacing, three numbers in the order (z, y, x)",
      each(positiveNumber("--overwrite_target_spacing")),
    )
    .option("--explain", "print the reason for each decision, with the numbers", false);
}

/** Opens a data set, and prints its name if it is one of several. */
export async function openDataset(
  folders: Folders,
  id: number,
  { line }: Pick<Progress, "line">,
  { several }: { readonly several: boolean },
): Promise<Dataset> {
  const dataset = await Dataset.open({ folders, id, variables: (name) => Deno.env.get(name) });
  if (several) line.print(datasetFolderName(dataset.id, dataset.name));
  return dataset;
}

/** Extracts a data set's fingerprint, or uses that of an earlier run. */
export async function fingerprintOf(
  dataset: Dataset,
  { verify_dataset_integrity, clean, verbose, workers = processorCount() }:
    & FingerprintOptions
    & Pick<LoggingOptions, "verbose">
    & { readonly workers?: number },
  { line, signal }: Progress,
): Promise<Fingerprint> {
  printIgnored(line, await listIgnoredImages(dataset.folder, dataset.json));
  if (verify_dataset_integrity) {
    const report = await verifyDatasetIntegrity(dataset, {
      signal,
      onProgress: progressBar(line, "checking integrity"),
    });
    for (const warning of report.warnings) line.print(`Warning: ${describeProblem(warning)}`);
    requireIntegrity(dataset.folder, report);
    line.print(`${dataset.cases.length} cases checked, no errors`);
  }
  return await new Planner().extractFingerprint(dataset, {
    reuse: !clean,
    workers,
    signal,
    onProgress: progressBar(line, "fingerprint"),
    onReuse: (path) => line.print(`Using ${path}; --clean reads all cases again`),
    onWarning: (message) => line.print(`Warning: ${message}`),
    ...verbose && {
      onCase: (name, { shapeAfterCrop, spacing }) =>
        line.print(`${name}: ${size(shapeAfterCrop)} voxels of ${size(spacing)} mm`),
    },
  });
}

/** Plans a data set from its fingerprint. */
export async function planFrom(
  dataset: Dataset,
  fingerprint: Fingerprint,
  options: PlanningOptions,
  { line, signal }: Progress,
): Promise<Plans> {
  const planner = new Planner({
    gpuMemoryTarget: options.gpu_memory_target,
    baseFeatures: options.base_features,
    plansName: options.overwrite_plans_name,
    planner: options.pl,
    targetSpacing: spacingOf(options.overwrite_target_spacing),
  });
  const plans = await planner.plan(dataset, {
    ...{ fingerprint, signal },
    onWarning: (message) => line.print(`Warning: ${message}`),
  });
  if (options.explain) line.print(formatReasons(planner.explain(dataset, plans.fingerprint)));
  return plans;
}

function spacingOf(values: readonly number[] | undefined) {
  if (!values) return undefined;
  if (values.length === 3) return zyx(values);
  throw new UsageError(
    `Cannot plan: --overwrite_target_spacing has ${values.length} numbers, expected 3`,
  );
}

/** Formats extents like `20 × 56 × 40`. */
export function size(extents: readonly number[]): string {
  return extents.map((extent) => +extent.toFixed(3)).join(" × ");
}
