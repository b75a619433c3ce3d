/** `predict_best`: segments scans with the models that find_best_configuration chose. */

import { basename } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import { Ensembler } from "../../ensembler.ts";
import { count } from "../../options/count.ts";
import { type DeviceChoice, deviceChoices, parseDevice } from "../../runtime/device.ts";
import { parseDatasetId, wholeNumber } from "../arguments.ts";
import { datasetFolder } from "../find_model.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options {
  d: number;
  i: string;
  o: string;
  continue_prediction: boolean;
  np?: number;
  threads?: number;
  device?: DeviceChoice;
  root?: string;
}

export function addPredictBest(program: Command): void {
  program.command("predict_best")
    .description(
      "Segment a folder of scans with the best model or ensemble that find_best_configuration " +
        "chose, and apply its postprocessing.",
    )
    .requiredOption("-d <dataset>", "number or name of the data set", parseDatasetId)
    .requiredOption("-i <dir>", "folder of scans CASE_0000.nii.gz, …")
    .requiredOption("-o <dir>", "folder for the label maps")
    .option("--continue_prediction", "continue where a stopped prediction ended", false)
    .option("--np <n>", "cases merged in parallel, one per core by default", wholeNumber("--np", 1))
    .option(
      "--threads <n>",
      "threads of the networks, one per core by default",
      wholeNumber("--threads", 1),
    )
    .option(
      "--device <device>",
      `${deviceChoices.join(", ")}; auto, the fastest available, by default`,
      parseDevice,
    )
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ d, i, o, continue_prediction, np, threads, device, root }: Options) => {
      const folder = await datasetFolder(d, "predict", root);
      const line = new StatusLine();
      const signal = interruptSignal(
        "Stopped; finished cases are kept, --continue_prediction continues",
      );
      using ensembler = await Ensembler.open(folder, {
        ...threads === undefined ? {} : { threads },
        ...device === undefined ? {} : { device },
      });
      const { best, postprocessing } = ensembler;
      line.print(`Predicting with ${best.models.map((model) => basename(model)).join(" and ")}`);
      if (postprocessing.length > 0) {
        line.print(`${count(postprocessing.length, "step")} of postprocessing`);
      }
      const bar = progressBar(line, "predicting");
      const written = await ensembler.predictFolder({
        input: i,
        output: o,
        resume: continue_prediction,
        workers: np,
        signal,
        onProgress: (share) => bar(Math.round(1000 * share), 1000),
      });
      line.print(`${count(written.length, "label map")} in ${o}`);
    });
}
