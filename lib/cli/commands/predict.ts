/** `predict`: a folder of scans becomes a folder of label maps. */

import { join } from "@std/path";
import type { Command } from "commander";
import { modelFolderName } from "../../files/paths.ts";
import { Plans } from "../../plans.ts";
import { Predictor } from "../../predictor.ts";
import { parseFold, positiveNumber, wholeNumber } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options {
  i: string;
  o: string;
  d: number;
  c: string;
  f?: string[];
  p: string;
  tr: string;
  chk?: string;
  step_size: number;
  disable_tta: boolean;
  root?: string;
}

export function addPredict(program: Command): void {
  program.command("predict")
    .description("Segment every scan of a folder.")
    .requiredOption("-i <dir>", "folder of scans, CASE_0000.nii.gz and on")
    .requiredOption("-o <dir>", "folder for the label maps")
    .requiredOption("-d <id>", "number of the data set", wholeNumber("-d", 1))
    .requiredOption("-c <configuration>", "3d_fullres or 2d")
    .option("-f <folds...>", "folds to average; all that are trained by default")
    .option("-p <plans>", "name of the plans", "nnUNetPlans")
    .option("--tr <trainer>", "name of the trainer", "nnUNetTrainer")
    .option("--chk <file>", "checkpoint, checkpoint_final.pth by default")
    .option(
      "--step_size <share>",
      "step between tiles as a share of the patch",
      positiveNumber("--step_size"),
      0.5,
    )
    .option("--disable_tta", "do not average over mirrored views", false)
    .option("--root <dir>", "folder with nnUNet_raw and the other two")
    .action(async ({ i, o, d, c, f, p, tr, root, ...options }: Options) => {
      const plans = await Plans.open({ folders: resolveFolders(root), id: d, plansName: p });
      plans.configuration(c); // Told apart from one that is only not trained yet.
      using predictor = await Predictor.open(
        join(plans.folders.results, plans.data.datasetName, modelFolderName(tr, p, c)),
        {
          folds: f?.map(parseFold),
          checkpoint: options.chk,
          stepSize: options.step_size,
          mirroring: !options.disable_tta,
        },
      );
      const line = new StatusLine();
      const written = await predictor.predictFolder({
        input: i,
        output: o,
        signal: interruptSignal("Stopped; finished cases are kept"),
        onProgress: progressBar(line, "predicting"),
      });
      line.print(`${written.length} label maps in ${o}`);
    });
}
