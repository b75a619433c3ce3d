/** `convert_old_nnUNet_dataset`: converts a task of nnU-Net v1 to a data set. */

import type { Command } from "../../packages/commander.ts";
import { convertVersion1 } from "../../conversion/convert_version1.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { printIgnored } from "../ignored_files.ts";
import { progressBar, StatusLine } from "../status_line.ts";

export function addConvertOldDataset(program: Command): void {
  program.command("convert_old_nnUNet_dataset")
    .description("Convert a raw task of nnU-Net v1 to a data set.")
    .argument("<input_folder>", "folder of the task with imagesTr, labelsTr and dataset.json")
    .argument("<output_dataset_name>", "name of the data set, DatasetXXX_NAME")
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (input: string, name: string, { root }: { root?: string }) => {
      const line = new StatusLine();
      const folder = await convertVersion1(input, name, resolveFolders(root), {
        signal: interruptSignal("Stopped; no data set was written"),
        onProgress: progressBar(line, "copying"),
        onIgnored: (ignored) => printIgnored(line, ignored),
      });
      line.print(`Wrote ${folder}`);
    });
}
