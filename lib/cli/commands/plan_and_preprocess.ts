/** `plan_and_preprocess`: computes fingerprint and plans, and preprocesses the cases. */

import type { Command } from "../../packages/commander.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import {
  addDatasetsOption,
  addFingerprintOptions,
  addLoggingOptions,
  addPlanningOptions,
  fingerprintOf,
  type FingerprintOptions,
  type LoggingOptions,
  openDataset,
  planFrom,
  type PlanningOptions,
} from "../planning.ts";
import {
  addPreprocessingOptions,
  describeConfigurations,
  preprocessConfigurations,
  type PreprocessingOptions,
  requireMatchingWorkers,
} from "../preprocessing.ts";
import { StatusLine } from "../status_line.ts";

interface Options
  extends FingerprintOptions, PlanningOptions, PreprocessingOptions, LoggingOptions {
  d: number[];
  npfp?: number;
  no_pp: boolean;
  root?: string;
}

export function addPlanAndPreprocess(program: Command): void {
  const command = program.command("plan_and_preprocess")
    .description("Compute a data set's fingerprint and plans, and preprocess its cases.");
  addDatasetsOption(command);
  addPreprocessingOptions(command);
  addFingerprintOptions(command, "--npfp");
  addPlanningOptions(command);
  command.option("--no_pp", "plan only, without preprocessing", false);
  addLoggingOptions(command)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ d: ids, npfp: workers, ...options }: Options) => {
      requireMatchingWorkers(options);
      const folders = resolveFolders(options.root);
      const line = new StatusLine({ quiet: options.no_pbar });
      const progress = {
        line,
        signal: interruptSignal("Stopped; finished cases are kept"),
      };
      for (const id of ids) {
        const dataset = await openDataset(folders, id, progress, { several: ids.length > 1 });
        const fingerprint = await fingerprintOf(dataset, { ...options, workers }, progress);
        const plans = await planFrom(dataset, fingerprint, options, progress);
        if (options.no_pp) {
          describeConfigurations(plans, Object.keys(plans.plansData.configurations), progress);
          line.print(`Wrote ${plans.folder}`);
        } else await preprocessConfigurations(plans, dataset, options, progress);
      }
    });
}
