/** `convert_MSD_dataset`: a task of the Medical Segmentation Decathlon becomes a data set. */

import type { Command } from "commander";
import { convertDecathlon } from "../../conversion/convert_decathlon.ts";
import { wholeNumber } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options {
  i: string;
  overwrite_id?: number;
  np?: number;
  root?: string;
}

export function addConvertMsdDataset(program: Command): void {
  program.command("convert_MSD_dataset")
    .description("Convert a task of the Medical Segmentation Decathlon, one file a channel.")
    .requiredOption("-i <dir>", "its extracted folder, e.g. Task05_Prostate")
    .option(
      "--overwrite_id <id>",
      "number of the data set, if not the task's",
      wholeNumber("--overwrite_id", 1),
    )
    .option("--np <n>", "scans worked on at once; all cores by default", wholeNumber("--np", 1))
    .option("--root <dir>", "folder with nnUNet_raw and the other two")
    .action(async ({ i, overwrite_id, np, root }: Options) => {
      const line = new StatusLine();
      const folder = await convertDecathlon(i, resolveFolders(root), {
        id: overwrite_id,
        workers: np,
        signal: interruptSignal("Stopped; no data set was made"),
        onProgress: progressBar(line, "converting"),
      });
      line.print(`written to ${folder}`);
    });
}
