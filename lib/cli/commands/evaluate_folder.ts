/** `evaluate_folder`: predictions against the truth. */

import { join } from "@std/path";
import type { Command } from "commander";
import { formatDiceTable } from "../../evaluation/dice_table.ts";
import { evaluateFolder } from "../../evaluation/evaluate_folder.ts";
import { foregroundOf, ignoreLabelOf, readDatasetJson } from "../../files/dataset_json.ts";
import { fileNames } from "../../files/paths.ts";
import { readPlans } from "../../files/plans_json.ts";
import { writeSummary } from "../../files/summary_json.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options {
  djfile: string;
  pfile: string;
  o?: string;
  chill: boolean;
}

export function addEvaluateFolder(program: Command): void {
  program.command("evaluate_folder")
    .description("Compare predictions with the truth and write summary.json.")
    .argument("<gt_folder>", "folder of true label maps")
    .argument("<pred_folder>", "folder of predicted ones, under the same names")
    .requiredOption("--djfile <file>", "dataset.json")
    .requiredOption("--pfile <file>", "plans.json")
    .option("-o <file>", "where to write; summary.json in the folder of predictions by default")
    .option("--chill", "pass over cases without a prediction", false)
    .action(async (groundTruth: string, predictions: string, options: Options) => {
      const { labels, fileEnding } = await readDatasetJson(options.djfile);
      await readPlans(options.pfile); // Told apart from another file before work begins.
      const line = new StatusLine();
      const foreground = foregroundOf(labels);
      const summary = await evaluateFolder({
        groundTruth,
        predictions,
        labels: foreground.map(({ value }) => value),
        ignoreLabel: ignoreLabelOf(labels),
        fileEnding,
        allowMissing: options.chill,
        signal: interruptSignal("Stopped; no summary was written"),
        onProgress: progressBar(line, "evaluating"),
      });
      const path = options.o ?? join(predictions, fileNames.summary);
      await writeSummary(path, summary);
      line.print(formatDiceTable(summary, foreground.map(({ name }) => name)));
      line.print(`\nwritten to ${path}`);
    });
}
