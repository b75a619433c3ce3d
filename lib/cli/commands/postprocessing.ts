/** `determine_postprocessing` and `apply_postprocessing`. */

import { join } from "@std/path";
import type { Command } from "commander";
import { readDatasetJson } from "../../files/dataset_json.ts";
import { fileNames } from "../../files/paths.ts";
import { readPlans } from "../../files/plans_json.ts";
import { readPostprocessing } from "../../files/postprocessing_file.ts";
import { applyPostprocessing } from "../../postprocessing/apply_to_folder.ts";
import { determinePostprocessing, improvableClasses } from "../../postprocessing/determine.ts";
import { writeDecision } from "../../postprocessing/write_decision.ts";
import { wholeNumber } from "../arguments.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

/** What both commands take. */
interface Options {
  i: string;
  plans_json?: string;
  dataset_json?: string;
  np?: number;
}

export function addDeterminePostprocessing(program: Command): void {
  addCommonOptions(
    program.command("determine_postprocessing")
      .description(
        "Find out which postprocessing raises Dice, and write postprocessing.pkl beside the " +
          "predictions.",
      ),
  )
    .requiredOption("--ref <dir>", "folder of true label maps")
    .option("--remove_postprocessed", "do not keep the postprocessed label maps", false)
    .action(async (options: Options & { ref: string; remove_postprocessed: boolean }) => {
      const dataset = await openDataset(options);
      const line = new StatusLine();
      const common = {
        predictions: options.i,
        fileEnding: dataset.fileEnding,
        workers: options.np,
        signal: interruptSignal("Stopped; nothing was decided"),
      };
      const decision = await determinePostprocessing({
        ...common,
        ...improvableClasses(dataset.labels),
        groundTruth: options.ref,
        onProgress: progressBar(line, "trying"),
      });
      const path = await writeDecision({
        ...common,
        decision,
        keepPostprocessed: !options.remove_postprocessed,
      });
      for (const { keepLargest } of decision.steps) {
        line.print(`Keeping the largest component of ${[keepLargest].flat().join(", ")} helps`);
      }
      if (decision.steps.length === 0) line.print("Nothing helps");
      const [before, after] = [decision.before, decision.after]
        .map(({ foregroundMean }) => foregroundMean.dice.toFixed(5));
      line.print(`mean Dice before: ${before}, after: ${after}\nwritten to ${path}`);
    });
}

export function addApplyPostprocessing(program: Command): void {
  addCommonOptions(
    program.command("apply_postprocessing")
      .description("Postprocess label maps as determine_postprocessing found best."),
  )
    .requiredOption("-o <dir>", "folder for the postprocessed label maps")
    .requiredOption("--pp_pkl_file <file>", "postprocessing.pkl, or postprocessing.json")
    .action(async (options: Options & { o: string; pp_pkl_file: string }) => {
      const { fileEnding } = await openDataset(options);
      const steps = await readPostprocessing(options.pp_pkl_file);
      const line = new StatusLine();
      const names = await applyPostprocessing({
        input: options.i,
        output: options.o,
        steps,
        fileEnding,
        workers: options.np,
        signal: interruptSignal("Stopped; finished cases are kept"),
        onProgress: progressBar(line, "postprocessing"),
      });
      line.print(`${names.length} label maps in ${options.o}`);
    });
}

function addCommonOptions(command: Command): Command {
  return command
    .requiredOption("-i <dir>", "folder of predicted label maps")
    .option("--plans_json <file>", "plans.json; the one in the folder by default")
    .option("--dataset_json <file>", "dataset.json; the one in the folder by default")
    .option("--np <count>", "cases worked on at once; one a processor", wholeNumber("-np", 1));
}

/** Reads both files before work begins, so that one taken for the other is told at once. */
async function openDataset({ i, plans_json, dataset_json }: Options) {
  if (plans_json !== undefined) await readPlans(plans_json);
  return await readDatasetJson(dataset_json ?? join(i, fileNames.dataset));
}
