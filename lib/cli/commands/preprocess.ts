/** `preprocess`: preprocesses cases by existing plans, ours or nnU-Net's, edited or not. */

import type { Command } from "../../packages/commander.ts";
import { Plans } from "../../plans.ts";
import { plansName } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import {
  addDatasetsOption,
  addLoggingOptions,
  type LoggingOptions,
  openDataset,
} from "../planning.ts";
import {
  addPreprocessingOptions,
  preprocessConfigurations,
  type PreprocessingOptions,
  requireMatchingWorkers,
} from "../preprocessing.ts";
import { StatusLine } from "../status_line.ts";

interface Options extends PreprocessingOptions, LoggingOptions {
  d: number[];
  plans_name?: string;
  root?: string;
}

export function addPreprocess(program: Command): void {
  const command = program.command("preprocess")
    .description("Preprocess a data set's cases by existing plans.");
  addDatasetsOption(command)
    .option(
      "--plans_name <name>",
      "name of the plans, nnUNetPlans by default",
      plansName("--plans_name"),
    );
  addPreprocessingOptions(command);
  addLoggingOptions(command)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ d: ids, plans_name, root, ...options }: Options) => {
      requireMatchingWorkers(options);
      const folders = resolveFolders(root);
      const line = new StatusLine({ quiet: options.no_pbar });
      const progress = { line, signal: interruptSignal("Stopped; finished cases are kept") };
      for (const id of ids) {
        const plans = await Plans.open({ folders, id, plansName: plans_name });
        const dataset = await openDataset(folders, id, progress, { several: ids.length > 1 });
        await preprocessConfigurations(plans, dataset, options, progress);
      }
    });
}
