/** `determine_postprocessing` and `apply_postprocessing`. */

import type { Command } from "../../packages/commander.ts";
import { requestedReader } from "../../image/reader.ts";
import { readDatasetJson } from "../../files/dataset_file.ts";
import { requireFolder } from "../../files/require_folder.ts";
import { readPostprocessing } from "../../files/postprocessing_file.ts";
import { applyPostprocessing } from "../../postprocessing/apply_to_folder.ts";
import { determinePostprocessing, improvableClasses } from "../../postprocessing/determine.ts";
import { writeDecision } from "../../postprocessing/write_decision.ts";
import { wholeNumber } from "../arguments.ts";
import { datasetFileOf } from "../dataset_file.ts";
import { printIgnored } from "../ignored_files.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

/** Options of both commands. */
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
        "Determine which postprocessing raises Dice, and write postprocessing.pkl to the " +
          "predictions' folder.",
      ),
  )
    .requiredOption("--ref <dir>", "folder of ground-truth label maps")
    .option("--remove_postprocessed", "delete the postprocessed label maps", false)
    .action(async (options: Options & { ref: string; remove_postprocessed: boolean }) => {
      const dataset = await openDataset(options);
      await requireFolder(options.ref, "postprocess with the ground truth", "label maps");
      const line = new StatusLine();
      const common = {
        predictions: options.i,
        fileEnding: dataset.fileEnding,
        workers: options.np,
        signal: interruptSignal("Stopped; no decision was written"),
      };
      const decision = await determinePostprocessing({
        ...common,
        ...improvableClasses(dataset.labels),
        reader: requestedReader(dataset.overwriteImageReaderWriter),
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
      line.print(`mean Dice before: ${before}, after: ${after}\nWrote ${path}`);
    });
}

export function addApplyPostprocessing(program: Command): void {
  addCommonOptions(
    program.command("apply_postprocessing")
      .description("Apply the postprocessing that determine_postprocessing chose."),
  )
    .requiredOption("-o <dir>", "folder for the postprocessed label maps")
    .requiredOption("--pp_pkl_file <file>", "path of postprocessing.pkl or postprocessing.json")
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
        onIgnored: (ignored) => printIgnored(line, ignored),
      });
      line.print(`${names.length} label maps in ${options.o}`);
    });
}

function addCommonOptions(command: Command): Command {
  return command
    .requiredOption("-i <dir>", "folder of predicted label maps")
    .option("--plans_json <file>", "path of plans.json, by default that in the folder")
    .option("--dataset_json <file>", "path of dataset.json, by default that in the folder")
    .option(
      "--np <count>",
      "cases processed in parallel, one per core by default",
      wholeNumber("--np", 1),
    );
}

async function openDataset({ i, plans_json, dataset_json }: Options) {
  const path = await datasetFileOf({
    action: "postprocess",
    folder: i,
    datasetFile: dataset_json,
    datasetOption: "--dataset_json",
    plansFile: plans_json,
  });
  return await readDatasetJson(path);
}
