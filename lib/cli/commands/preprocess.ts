/** `preprocess`: preprocesses cases by existing plans, ours or nnU-Net's, edited or not. */

import type { Command } from "../../packages/commander.ts";
import { Dataset } from "../../dataset/dataset.ts";
import { Plans } from "../../plans.ts";
import { wholeNumber } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import {
  addPreprocessingOptions,
  preprocessConfigurations,
  type PreprocessingOptions,
} from "../preprocessing.ts";
import { StatusLine } from "../status_line.ts";

interface Options extends PreprocessingOptions {
  d: number;
  plans_name?: string;
  root?: string;
}

export function addPreprocess(program: Command): void {
  const command = program.command("preprocess")
    .description("Preprocess a data set's cases by existing plans.")
    .requiredOption("-d <id>", "number of the data set", wholeNumber("-d", 1))
    .option("--plans_name <name>", "name of the plans, nnUNetPlans by default");
  addPreprocessingOptions(command)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ d: id, plans_name: plansName, root, ...options }: Options) => {
      const line = new StatusLine();
      const signal = interruptSignal("Stopped; finished cases are kept");
      const folders = resolveFolders(root);
      const plans = await Plans.open({ folders, id, plansName });
      const dataset = await Dataset.open({ folders, id, variables: (name) => Deno.env.get(name) });
      await preprocessConfigurations(plans, dataset, options, { line, signal });
    });
}
