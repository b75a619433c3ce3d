/** `predict`: scans become label maps. */

import { join } from "@std/path";
import type { Command } from "commander";
import { modelFolderName } from "../../files/paths.ts";
import { Plans } from "../../plans.ts";
import { Predictor } from "../../predictor.ts";
import { type DeviceChoice, deviceChoices, parseDevice } from "../../runtime/device.ts";
import { parseDatasetId, parseFold, positiveNumber, wholeNumber } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { formatInferenceProgress } from "../inference_progress.ts";
import { interruptSignal } from "../interrupt.ts";
import { StatusLine } from "../status_line.ts";

/** What `predict` is asked to do. */
export interface PredictArguments {
  i: string[];
  o: string;
  d?: number;
  c?: string;
  model?: string;
  f?: string[];
  p?: string;
  tr?: string;
  chk?: string;
  step_size?: number;
  disable_tta?: boolean;
  disable_gaussian?: boolean;
  save_probabilities?: boolean;
  continue_prediction?: boolean;
  prev_stage_predictions?: string;
  num_parts?: number;
  part_id?: number;
  threads?: number;
  device?: DeviceChoice;
  root?: string;
}

export function addPredict(program: Command): void {
  program.command("predict")
    .description("Segment every scan of a folder, or one scan.")
    .requiredOption(
      "-i <paths...>",
      "folder of scans, CASE_0000.nii.gz and on, or one scan's files, a channel each",
    )
    .requiredOption("-o <path>", "folder for the label maps, or the one label map's file")
    .option("-d <dataset>", "number or name of the data set", parseDatasetId)
    .option("-c <configuration>", "2d, 3d_fullres, 3d_lowres or 3d_cascade_fullres")
    .option("--model <path>", "results folder, checkpoint (.pth) or .onnx, in place of -d and -c")
    .option("-f <folds...>", "folds to average; all that are trained by default")
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .option("--tr <trainer>", "name of the trainer, nnUNetTrainer by default")
    .option("--chk <file>", "checkpoint, checkpoint_final.pth by default")
    .option(
      "--step_size <share>",
      "step between tiles as a share of the patch, 0.5 by default",
      positiveNumber("--step_size"),
    )
    .option("--disable_tta", "do not average over mirrored views")
    .option("--disable_gaussian", "weigh all of a tile alike, not its middle most")
    .option("--save_probabilities", "write CASE.npz and CASE.pkl as well, for ensembles")
    .option("--continue_prediction", "keep what the output folder has already")
    .option(
      "--prev_stage_predictions <dir>",
      "of a cascade: label maps of the first stage, which runs by itself if they are not given",
    )
    .option(
      "--num_parts <n>",
      "share the cases between so many calls",
      wholeNumber("--num_parts", 1),
    )
    .option("--part_id <n>", "which of them this call is, from 0", wholeNumber("--part_id"))
    .option(
      "--threads <n>",
      "threads of the network, all cores by default",
      wholeNumber("--threads", 1),
    )
    .option(
      "--device <device>",
      `${deviceChoices.join(", ")}; auto, the fastest there is, by default`,
      parseDevice,
    )
    .option("--root <dir>", "folder with nnUNet_raw and the other two")
    .action(predict);
}

/** Runs a prediction and shows how far it is. */
export async function predict(options: PredictArguments): Promise<void> {
  const { i, o, num_parts: of = 1, part_id: id = 0 } = options;
  using predictor = await Predictor.open(await modelPath(options), {
    folds: options.f?.map(parseFold),
    checkpoint: options.chk,
    stepSize: options.step_size,
    mirroring: !options.disable_tta,
    gaussian: !options.disable_gaussian,
    threads: options.threads,
    device: options.device,
  });
  const line = new StatusLine();
  const common = {
    signal: interruptSignal("Stopped; finished cases are kept"),
    onProgress: (progress: Parameters<typeof formatInferenceProgress>[0]) =>
      line.show(formatInferenceProgress(progress)),
  };
  const isFolder = i.length === 1 &&
    await Deno.stat(i[0]).then(({ isDirectory }) => isDirectory, () => true);
  if (!isFolder) {
    await predictor.predictFile(i, o, common);
    line.print(`label map in ${o}`);
    return;
  }
  const written = await predictor.predictFolder({
    ...common,
    input: i[0],
    output: o,
    saveProbabilities: options.save_probabilities,
    overwrite: !options.continue_prediction,
    previousStageFolder: options.prev_stage_predictions,
    part: { id, of },
  });
  line.print(`${written.length} label maps in ${o}`);
}

async function modelPath(
  { model, d, c, p = "nnUNetPlans", tr = "nnUNetTrainer", root }: PredictArguments,
): Promise<string> {
  if (model !== undefined) return model;
  if (d === undefined || c === undefined) {
    throw new Error("Cannot predict: expected -d and -c, or --model");
  }
  const plans = await Plans.open({ folders: resolveFolders(root), id: d, plansName: p });
  plans.configuration(c); // Told apart from one that is only not trained yet.
  return join(plans.folders.results, plans.data.datasetName, modelFolderName(tr, p, c));
}
