/** `convert_MSD_dataset`: converts a task of the Medical Segmentation Decathlon to a data set. */

import type { Command } from "../../packages/commander.ts";
import { convertDecathlon } from "../../conversion/convert_decathlon.ts";
import { wholeNumber } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { printIgnored } from "../ignored_files.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options {
  i: string;
  overwrite_id?: number;
  np?: number;
  root?: string;
}

export function addConvertMsdDataset(program: Command): void {
  program.command("convert_MSD_dataset")
    .description(
      "Convert a task of the Medical Segmentation Decathlon; writes one file per channel.",
    )
    .requiredOption("-i <dir>", "folder of the extracted task, e.g. Task05_Prostate")
    .option(
      "--overwrite_id <id>",
      "number of the data set, the task's by default",
      wholeNumber("--overwrite_id", 1),
    )
    .option(
      "--np <n>",
      "scans processed in parallel, one per core by default",
      wholeNumber("--np", 1),
    )
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ i, overwrite_id, np, root }: Options) => {
      const line = new StatusLine();
      const folder = await convertDecathlon(i, resolveFolders(root), {
        id: overwrite_id,
        workers: np,
        signal: interruptSignal("Stopped; no data set was written"),
        onProgress: progressBar(line, "converting"),
        onIgnored: (ignored) => printIgnored(line, ignored),
      });
      line.print(`Wrote ${folder}`);
    });
}
