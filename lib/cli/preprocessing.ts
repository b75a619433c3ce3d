/** Bringing cases onto their plan's grid: what the commands that do it share. */

import type { Command } from "commander";
import type { Dataset } from "../dataset/dataset.ts";
import { GIGABYTE } from "../memory/format_bytes.ts";
import type { Plans } from "../plans.ts";
import type { Configuration } from "../files/plans.ts";
import { positiveNumber, wholeNumber } from "./arguments.ts";
import { progressBar, type StatusLine } from "./status_line.ts";

/** The options of {@link addPreprocessingOptions}. */
export interface PreprocessingOptions {
  c: string[];
  np?: number;
  memory_limit?: number;
}

/** What nnU-Net preprocesses unless told otherwise; the cascade takes the cases of 3d_fullres. */
const usualConfigurations = ["2d", "3d_fullres", "3d_lowres"];

export function addPreprocessingOptions(command: Command): Command {
  return command
    .option(
      "-c <configurations...>",
      "configurations to preprocess; those that were not planned are skipped",
      usualConfigurations,
    )
    .option("--np <n>", "cases worked on at once; all cores by default", wholeNumber("--np", 1))
    .option(
      "--memory_limit <GB>",
      "memory that the cases worked on at once may take together",
      positiveNumber("--memory_limit"),
    );
}

/**
 * Describes and preprocesses the configurations asked for that were planned; names the others.
 *
 * @throws {RangeError} If none of them was planned.
 * @throws As {@link Plans.preprocess}.
 */
export async function preprocessConfigurations(
  plans: Plans,
  dataset: Dataset,
  { c: names, np, memory_limit }: PreprocessingOptions,
  { line, signal }: { readonly line: StatusLine; readonly signal: AbortSignal },
): Promise<void> {
  const { configurations, plansName, datasetName } = plans.data;
  const planned = Object.values(configurations);
  const chosen = planned.filter(({ name }) => names.includes(name));
  const planFound = `${plansName} of ${datasetName} has ${
    planned.map(({ name }) => name).join(", ")
  }`;
  if (chosen.length === 0) {
    throw new RangeError(`Cannot preprocess ${names.join(", ")}: ${planFound}`);
  }
  const unknown = names.filter((name) => !planned.some((one) => one.name === name));
  if (unknown.length > 0) line.print(`Skipping ${unknown.join(", ")}: ${planFound}`);
  for (const configuration of chosen) line.print(describe(configuration));
  for (const { name } of chosen) {
    await plans.preprocess(dataset, {
      configurations: [name],
      workers: np,
      memoryLimitBytes: memory_limit && memory_limit * GIGABYTE,
      signal,
      onProgress: progressBar(line, `preprocessing ${name}`),
    });
  }
  line.print(`written to ${plans.folder}`);
}

/** `2d: patch 56 × 40, batch 366, spacing 1 × 1 mm, features 32 64 128` */
function describe({ name, patchSize, batchSize, spacing, architecture }: Configuration): string {
  return `${name}: patch ${patchSize.join(" × ")}, batch ${batchSize}, spacing ` +
    `${spacing.map((mm) => +mm.toFixed(3)).join(" × ")} mm, features ` +
    architecture.featuresPerStage.join(" ");
}
