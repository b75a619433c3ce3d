/** `convert_old_nnUNet_dataset`: a task of nnU-Net v1 becomes a data set. */

import type { Command } from "commander";
import { convertVersion1 } from "../../conversion/convert_version1.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

export function addConvertOldDataset(program: Command): void {
  program.command("convert_old_nnUNet_dataset")
    .description("Convert a raw task of nnU-Net v1.")
    .argument("<input_folder>", "the task's folder, with imagesTr, labelsTr and dataset.json")
    .argument("<output_dataset_name>", "name of the data set, DatasetXXX_NAME")
    .option("--root <dir>", "folder with nnUNet_raw and the other two")
    .action(async (input: string, name: string, { root }: { root?: string }) => {
      const line = new StatusLine();
      const folder = await convertVersion1(input, name, resolveFolders(root), {
        signal: interruptSignal("Stopped; no data set was made"),
        onProgress: progressBar(line, "copying"),
      });
      line.print(`written to ${folder}`);
    });
}
