/** Options and steps shared by the commands that preprocess cases. */

import type { Command } from "../packages/commander.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { GIGABYTE } from "../options/format_bytes.ts";
import type { Plans } from "../plans.ts";
import { configurationOf, whyNoConfiguration } from "../files/configuration_of.ts";
import type { Configuration } from "../files/plans.ts";
import { positiveNumber, wholeNumber } from "./arguments.ts";
import { progressBar, type StatusLine } from "./status_line.ts";

/** Values of the options added by {@link addPreprocessingOptions}. */
export interface PreprocessingOptions {
  c: string[];
  np?: number;
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
      "--np <n>",
      "cases processed in parallel, one per core by default",
      wholeNumber("--np", 1),
    )
    .option(
      "--memory_limit <GB>",
      "memory limit for all cases processed in parallel",
      positiveNumber("--memory_limit"),
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
  { c: names, np, memory_limit }: PreprocessingOptions,
  { line, signal }: { readonly line: StatusLine; readonly signal: AbortSignal },
): Promise<void> {
  const { plansData } = plans;
  const chosen = [...new Set(names)].flatMap((name) => configurationOf(plansData, name) ?? []);
  const missing = names.filter((name) => !configurationOf(plansData, name));
  const reasons = [...Map.groupBy(missing, (name) => whyNoConfiguration(plansData, name))]
    .map(([reason, some]) => `${some.join(", ")}: ${reason}`);
  if (chosen.length === 0) throw new RangeError(`Cannot preprocess ${reasons.join("\n")}`);
  for (const reason of reasons) line.print(`Skipping ${reason}`);
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
  line.print(`Wrote ${plans.folder}`);
}

/** Formats a configuration like `2d: patch 56 × 40, batch 366, spacing 1 × 1 mm, features 32 64 128` */
function describe({ name, patchSize, batchSize, spacing, architecture }: Configuration): string {
  return `${name}: patch ${patchSize.join(" × ")}, batch ${batchSize}, spacing ` +
    `${spacing.map((mm) => +mm.toFixed(3)).join(" × ")} mm, features ` +
    architecture.featuresPerStage.join(" ");
}
