/** `plan_and_preprocess`: computes fingerprint and plans, and preprocesses the cases. */

import { zyx } from "../../array/nd_array.ts";
import { type Command, Option } from "../../packages/commander.ts";
import { listIgnoredImages } from "../../dataset/cases.ts";
import { Dataset } from "../../dataset/dataset.ts";
import {
  describeProblem,
  requireIntegrity,
  verifyDatasetIntegrity,
} from "../../dataset/integrity.ts";
import { Planner } from "../../planner.ts";
import { type PlannerName, plannerNames } from "../../planning/presets.ts";
import { formatReasons } from "../../planning/reason.ts";
import { positiveNumber, wholeNumber } from "../arguments.ts";
import { UsageError } from "../exit_codes.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import {
  addPreprocessingOptions,
  preprocessConfigurations,
  type PreprocessingOptions,
} from "../preprocessing.ts";
import { printIgnored } from "../ignored_files.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options extends PreprocessingOptions {
  d: number;
  verify_dataset_integrity: boolean;
  gpu_memory_target?: number;
  base_features?: number;
  pl?: PlannerName;
  overwrite_plans_name?: string;
  overwrite_target_spacing?: number[];
  explain: boolean;
  root?: string;
}

export function addPlanAndPreprocess(program: Command): void {
  const command = program.command("plan_and_preprocess")
    .description("Compute a data set's fingerprint and plans, and preprocess its cases.")
    .requiredOption("-d <id>", "number of the data set", wholeNumber("-d", 1));
  addPreprocessingOptions(command)
    .option("--verify_dataset_integrity", "check all files first", false)
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
      new Option("--pl <planner>", "nnU-Net's planner; those with ResEnc plan residual encoders")
        .choices(plannerNames).default("ExperimentPlanner"),
    )
    .option("--overwrite_plans_name <name>", "name of the plans, the planner's by default")
    .option(
      "--overwrite_target_spacing <mm...>",
      "target spacing, three numbers in the order (z, y, x)",
      (text: string, before: number[] | undefined) => [
        ...before ?? [],
        positiveNumber("--overwrite_target_spacing")(text),
      ],
    )
    .option("--explain", "print the reason for each decision, with the numbers", false)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (options: Options) => {
      const line = new StatusLine();
      const signal = interruptSignal("Stopped; finished cases are kept");
      const dataset = await Dataset.open({
        folders: resolveFolders(options.root),
        id: options.d,
        variables: (name) => Deno.env.get(name),
      });
      printIgnored(line, await listIgnoredImages(dataset.folder, dataset.json));
      if (options.verify_dataset_integrity) {
        const report = await verifyDatasetIntegrity(dataset, {
          signal,
          onProgress: progressBar(line, "checking integrity"),
        });
        for (const warning of report.warnings) line.print(`Warning: ${describeProblem(warning)}`);
        requireIntegrity(dataset.folder, report);
        line.print(`${dataset.cases.length} cases checked, no errors`);
      }
      const planner = new Planner({
        gpuMemoryTarget: options.gpu_memory_target,
        baseFeatures: options.base_features,
        plansName: options.overwrite_plans_name,
        planner: options.pl,
        targetSpacing: spacingOf(options.overwrite_target_spacing),
      });
      const plans = await planner.plan(dataset, {
        signal,
        onProgress: progressBar(line, "fingerprint"),
        onWarning: (message) => line.print(`Warning: ${message}`),
      });
      if (options.explain) line.print(formatReasons(planner.explain(dataset, plans.fingerprint)));
      await preprocessConfigurations(plans, dataset, options, { line, signal });
    });
}

function spacingOf(values: readonly number[] | undefined) {
  if (!values) return undefined;
  if (values.length === 3) return zyx(values);
  throw new UsageError(
    `Cannot plan: --overwrite_target_spacing has ${values.length} numbers, expected 3`,
  );
}
