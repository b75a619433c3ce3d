/** Options and steps shared by the commands that preprocess cases. */

import type { Command } from "../packages/commander.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { GIGABYTE } from "../options/format_bytes.ts";
import type { Plans } from "../plans.ts";
import { configurationOf, whyNoConfiguration } from "../files/configuration_of.ts";
import type { Configuration } from "../files/plans.ts";
import { each, positiveNumber, wholeNumber } from "./arguments.ts";
import { UsageError } from "./exit_codes.ts";
import { type LoggingOptions, type Progress, size } from "./planning.ts";
import { progressBar } from "./status_line.ts";

/** Values of the options added by {@link addPreprocessingOptions}. */
export interface PreprocessingOptions {
  c: string[];
  np?: number[];
  memory_limit?: number;
}

/** nnU-Net's default configurations; the cascade uses the cases of 3d_fullres. */
const defaultConfigurations = ["2d", "3d_fullres", "3d_lowres"];

/** Adds the options of {@link PreprocessingOptions} to a command. */
export function addPreprocessingOptions(command: Command): Command {
  return command
    .option(
      "-c <configurations...>",
      "configurations to preprocess; those not in the plans are skipped",
      defaultConfigurations,
    )
    .option(
      "--np <n...>",
      "cases processed in parallel, one number or one per configuration; one per core by default",
      each(wholeNumber("--np", 1)),
    )
    .option(
      "--memory_limit <GB>",
      "memory limit for all cases processed in parallel",
      positiveNumber("--memory_limit"),
    );
}

/**
 * Requires one number of workers, or one per configuration.
 *
 * @throws {UsageError} If there is another number of them.
 */
export function requireMatchingWorkers({ c: names, np }: PreprocessingOptions): void {
  if (np === undefined || np.length === 1 || np.length === names.length) return;
  throw new UsageError(
    `Cannot preprocess ${names.join(", ")}: --np has ${np.length} numbers, expected 1, or ` +
      `${names.length}, one per configuration`,
  );
}

/**
 * Preprocesses the requested configurations that are in the plans; reports and skips the others.
 *
 * @throws {RangeError} If none of them is in the plans.
 * @throws As {@link Plans.preprocess}.
 */
export async function preprocessConfigurations(
  plans: Plans,
  dataset: Dataset,
  { c: names, np = [], memory_limit, verbose }:
    & PreprocessingOptions
    & Pick<LoggingOptions, "verbose">,
  { line, signal }: Progress,
): Promise<void> {
  const chosen = describeConfigurations(plans, names, { line });
  for (const { name } of chosen) {
    await plans.preprocess(dataset, {
      configurations: [name],
      workers: np.length > 1 ? np[names.indexOf(name)] : np[0],
      memoryLimitBytes: memory_limit && memory_limit * GIGABYTE,
      signal,
      onProgress: progressBar(line, `preprocessing ${name}`),
      ...verbose && {
        onCase: ({ name, shape, shapeBeforeCropping, shapeAfterCropping, spacingBefore }) =>
          line.print(
            `${name}: ${size(shapeBeforeCropping)} voxels of ${size(spacingBefore)} mm, cropped ` +
              `to ${size(shapeAfterCropping)}, resampled to ${size(shape)}`,
          ),
      },
    });
  }
  line.print(`Wrote ${plans.folder}`);
}

/**
 * Prints the requested configurations that are in the plans, and which are not.
 *
 * @returns Those that are.
 * @throws {RangeError} If none is.
 */
export function describeConfigurations(
  { plansData }: Plans,
  names: readonly string[],
  { line }: Pick<Progress, "line">,
): Configuration[] {
  const chosen = [...new Set(names)].flatMap((name) => configurationOf(plansData, name) ?? []);
  const missing = names.filter((name) => !configurationOf(plansData, name));
  const reasons = [...Map.groupBy(missing, (name) => whyNoConfiguration(plansData, name))]
    .map(([reason, some]) => `${some.join(", ")}: ${reason}`);
  if (chosen.length === 0) throw new RangeError(`Cannot preprocess ${reasons.join("\n")}`);
  for (const reason of reasons) line.print(`Skipping ${reason}`);
  for (const configuration of chosen) line.print(describe(configuration));
  return chosen;
}

/** Formats a configuration like `2d: patch 56 × 40, batch 366, spacing 1 × 1 mm, features 32 64 128` */
export function describe(
  { name, patchSize, batchSize, spacing, architecture }: Configuration,
): string {
  return `${name}: patch ${patchSize.join(" × ")}, batch ${batchSize}, spacing ` +
    `${size(spacing)} mm, features ${architecture.featuresPerStage.join(" ")}`;
}
