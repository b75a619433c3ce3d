/** `predict`: segments scans. */

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

/** Options of `predict`. */
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
    .description("Segment all scans of a folder, or one scan.")
    .requiredOption(
      "-i <paths...>",
      "folder of scans CASE_0000.nii.gz, …, or the files of one scan, one per channel",
    )
    .requiredOption("-o <path>", "folder for the label maps, or the label map's file for one scan")
    .option("-d <dataset>", "number or name of the data set", parseDatasetId)
    .option("-c <configuration>", "2d, 3d_fullres, 3d_lowres or 3d_cascade_fullres")
    .option("--model <path>", "results folder, checkpoint (.pth) or .onnx, instead of -d and -c")
    .option("-f <folds...>", "folds to average, all trained folds by default")
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .option("--tr <trainer>", "name of the trainer, nnUNetTrainer by default")
    .option("--chk <file>", "name of the checkpoint, checkpoint_final.pth by default")
    .option(
      "--step_size <share>",
      "step between tiles as a fraction of the patch, 0.5 by default",
      positiveNumber("--step_size"),
    )
    .option("--disable_tta", "do not average over mirrored views")
    .option(
      "--disable_gaussian",
      "weight all voxels of a tile equally instead of favouring its centre",
    )
    .option("--save_probabilities", "also write CASE.npz and CASE.pkl, for ensembles")
    .option("--continue_prediction", "skip cases that are already in the output folder")
    .option(
      "--prev_stage_predictions <dir>",
      "for a cascade, folder of the first stage's label maps; predicted by default",
    )
    .option(
      "--num_parts <n>",
      "split the cases into this many parts, one per call",
      wholeNumber("--num_parts", 1),
    )
    .option("--part_id <n>", "part of this call, from 0", wholeNumber("--part_id"))
    .option(
      "--threads <n>",
      "threads of the network, one per core by default",
      wholeNumber("--threads", 1),
    )
    .option(
      "--device <device>",
      `${deviceChoices.join(", ")}; auto, the fastest available, by default`,
      parseDevice,
    )
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(predict);
}

/** Runs a prediction and shows its progress. */
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
    throw new Error("Cannot predict: no model was given; pass -d and -c, or --model");
  }
  const plans = await Plans.open({ folders: resolveFolders(root), id: d, plansName: p });
  plans.configuration(c); // Throws if it is not in the plans, rather than just not trained.
  return join(plans.folders.results, plans.plansData.datasetName, modelFolderName(tr, p, c));
}
