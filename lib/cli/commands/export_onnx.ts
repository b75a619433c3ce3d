/** `export_onnx`: writes a trained model as one ONNX file for other programs. */

import type { Command } from "../../packages/commander.ts";
import { requireReplaceable } from "../../files/other_output.ts";
import { exportedModel } from "../../model/exported_model.ts";
import { openTrained } from "../../model/open_trained.ts";
import { writeFileAtomically } from "../../platform/atomic_write.ts";
import { parseDatasetId, parseFold } from "../arguments.ts";
import { defaultFoldsOf, findModel } from "../find_model.ts";
import { printLine } from "../terminal.ts";

interface Options {
  o: string;
  d?: number;
  c?: string;
  model?: string;
  f?: string;
  p?: string;
  tr?: string;
  chk?: string;
  probabilities: boolean;
  mirroring: boolean;
  root?: string;
}

export function addExportOnnx(program: Command): void {
  program.command("export_onnx")
    .description("Write one fold's network as an ONNX file with the metadata needed to use it.")
    .requiredOption("-o <file>", "the .onnx file to write")
    .option("-d <dataset>", "number or name of the data set", parseDatasetId)
    .option("-c <configuration>", "2d, 3d_fullres, 3d_lowres or 3d_cascade_fullres")
    .option("--model <path>", "results folder, fold or checkpoint (.pth), instead of -d and -c")
    .option("-f <fold>", "fold to export, 0 by default")
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .option("--tr <trainer>", "name of the trainer, nnUNetTrainer by default")
    .option("--chk <file>", "name of the checkpoint, checkpoint_final.pth by default")
    .option(
      "--probabilities",
      "add an output with probabilities (softmax; sigmoid for regions)",
      false,
    )
    .option("--mirroring", "average over mirrored views inside the model", false)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (options: Options) => {
      const { o, f, chk, probabilities, mirroring } = options;
      const path = await findModel(options, "export");
      await requireReplaceable(o, ".onnx", "export");
      // A single fold and a checkpoint have no choice.
      const fold = f ?? (defaultFoldsOf(path) && "0");
      const { checkpoints: [checkpoint], ...facts } = await openTrained(path, {
        folds: fold === undefined ? undefined : [parseFold(fold)],
        checkpoint: chk,
      });
      await writeFileAtomically(
        o,
        exportedModel(facts, checkpoint.networkWeights, { probabilities, mirroring }),
      );
      printLine(`Wrote ${o}`);
    });
}
