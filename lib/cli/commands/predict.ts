/** `predict`: segments scans. */

import { basename, dirname, join } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import { isDicomSeries } from "../../image/dicom/dicom_folder.ts";
import { dicomSegmentationFileName } from "../../files/paths.ts";
import { readSegmentation } from "../../image/image_files.ts";
import { imageEndingOf } from "../../image/registry.ts";
import type { InferenceProgress } from "../../inference/case_pipeline.ts";
import { isFolder, sameFile } from "../../platform/files.ts";
import { Predictor } from "../../predictor.ts";
import { type DeviceChoice, deviceChoices, parseDevice } from "../../runtime/device.ts";
import { parseDatasetId, parseFold, positiveNumber, wholeNumber } from "../arguments.ts";
import { textOf } from "../command_wording.ts";
import { defaultFoldsOf, findModel } from "../find_model.ts";
import { UsageError } from "../exit_codes.ts";
import { printIgnored } from "../ignored_files.ts";
import { formatInferenceProgress } from "../inference_progress.ts";
import { interruptSignal } from "../interrupt.ts";
import {
  addOutputOptions,
  folderOutputOptions,
  type OutputArguments,
} from "../prediction_outputs.ts";
import { describeModel, describePreviousStage, describeStart } from "../prediction_lines.ts";
import { formatDuration, StatusLine } from "../status_line.ts";

/** Options of `predict`. */
export interface PredictArguments extends OutputArguments {
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
  save_dicom_seg?: boolean;
  series?: string;
  continue_prediction?: boolean;
  prev_stage_predictions?: string;
  num_parts?: number;
  part_id?: number;
  npp?: number;
  nps?: number;
  not_on_device?: boolean;
  verbose?: boolean;
  disable_progress_bar?: boolean;
  threads?: number;
  device?: DeviceChoice;
  root?: string;
}

export function addPredict(program: Command): void {
  const command = program.command("predict")
    .description("Segment all scans of a folder, or one scan.");
  addScans(command)
    .option("-d <dataset>", "number or name of the data set", parseDatasetId)
    .option("-c <configuration>", "2d, 3d_fullres, 3d_lowres or 3d_cascade_fullres")
    .option("--model <path>", "results folder, checkpoint (.pth) or .onnx, instead of -d and -c")
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .option("--tr <trainer>", "name of the trainer, nnUNetTrainer by default");
  addPredictionOptions(command)
    .option("--continue_prediction", CONTINUE)
    .option(
      "--num_parts <n>",
      "split the cases into this many parts, one per call",
      wholeNumber("--num_parts", 1),
    )
    .option("--part_id <n>", "part of this call, from 0", wholeNumber("--part_id"))
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(predict);
}

export function addPredictFromModelfolder(program: Command): void {
  const command = program.command("predict_from_modelfolder")
    .description("Segment all scans of a folder, or one scan, with the model in a folder.");
  addScans(command)
    .requiredOption("-m <dir>", "results folder of the model, which has folders fold_0, …");
  addPredictionOptions(command)
    // nnU-Net's command has both spellings.
    .option("--continue_prediction", CONTINUE)
    .option("--c", "the same as --continue_prediction")
    .action(({ m: model, c: continues, continue_prediction, ...options }: ModelfolderArguments) =>
      predict({ ...options, model, continue_prediction: continue_prediction || continues })
    );
}

interface ModelfolderArguments extends Omit<PredictArguments, "c"> {
  m: string;
  c?: boolean;
}

const CONTINUE = "skip cases that are already in the output folder";

/** Adds the options for input and output. */
function addScans(command: Command): Command {
  return command
    .requiredOption(
      "-i <paths...>",
      "folder of scans CASE_0000.nii.gz, …, or the files of one scan, one per channel",
    )
    .requiredOption("-o <path>", "folder for the label maps, or the label map's file for one scan");
}

/** Adds the options of both commands, whichever way the model is named. */
function addPredictionOptions(command: Command): Command {
  addOutputOptions(command);
  return command
    .option(
      "-f <folds...>",
      "folds to average, 0 1 2 3 4 by default; all for a training on all cases",
    )
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
    .option(
      "--save_dicom_seg",
      "also write CASE.seg.dcm, DICOM segmentations of scans that are folders of DICOM slices",
    )
    .option(
      "--series <series>",
      "series to read from folders of DICOM slices with several: its number, description or UID",
    )
    .option(
      "--prev_stage_predictions <dir>",
      "for a cascade, folder of the first stage's label maps, or one scan's file; predicted by default",
    )
    .option(
      "--npp <n>",
      "nnU-Net's number of preprocessing processes; not needed, as the command says",
      wholeNumber("--npp"),
    )
    .option(
      "--nps <n>",
      "nnU-Net's number of export processes; not needed, as the command says",
      wholeNumber("--nps"),
    )
    .option(
      "--not_on_device",
      "sum a GPU's results in this machine's memory: slower, for scans that do not fit the GPU's",
    )
    .option("--verbose", "also print a line for each case")
    .option("--disable_progress_bar", "print no progress bar")
    .option(
      "--threads <n>",
      "threads of the network, one per core by default",
      wholeNumber("--threads", 1),
    )
    .option(
      "--device <device>",
      `${deviceChoices.join(", ")}; auto, the fastest available, by default`,
      parseDevice,
    );
}

/** Runs a prediction and shows its progress. */
export async function predict(options: PredictArguments): Promise<void> {
  const { i, o, num_parts: of = 1, part_id: id = 0, prev_stage_predictions: previous } = options;
  const path = await findModel(options, "predict");
  const manyScans = await namesFolder(i, o);
  if (!manyScans) requireFolderOptions(options);
  const settings = {
    stepSize: options.step_size,
    mirroring: !options.disable_tta,
    gaussian: !options.disable_gaussian,
    thresholds: options.threshold,
  };
  using predictor = await Predictor.open(path, {
    ...settings,
    folds: options.f?.map(parseFold) ?? defaultFoldsOf(path),
    checkpoint: options.chk,
    threads: options.threads,
    device: options.device,
    sumsOnHost: options.not_on_device,
  });
  const line = new StatusLine({ quiet: options.disable_progress_bar });
  for (const text of describeModel(predictor, settings)) line.print(text);
  const firstStage = describePreviousStage(predictor, previous);
  if (firstStage !== undefined) line.print(firstStage);
  if (options.npp !== undefined || options.nps !== undefined) {
    line.print(
      "-npp and -nps are not needed: one case is read while another is predicted and a third is " +
        "written",
    );
  }
  const showTime = estimateLine(line);
  const begin = performance.now();
  const common = {
    signal: interruptSignal("Stopped; finished cases are kept"),
    onProgress: (progress: InferenceProgress) => {
      showTime(progress);
      line.show(formatInferenceProgress(progress));
    },
    onWarning: (message: string) => line.print(`Warning: ${message}`),
  };
  if (!manyScans) {
    if (previous !== undefined && await sameFile(previous, o)) {
      throw new Error(
        `Cannot predict ${i.join(" ")}: the result would replace ${previous}; choose another -o`,
      );
    }
    await predictor.predictFile(i, o, {
      ...common,
      series: options.series,
      ...options.save_dicom_seg && { dicomSegmentation: dicomSegmentationBeside(o) },
      ...previous !== undefined && { previousStage: await readSegmentation(previous) },
    });
    line.print(`label map in ${o}`);
    if (options.verbose) line.print(`It took ${formatDuration(secondsSince(begin))}`);
    return;
  }
  const folders = { input: i[0], output: o, part: { id, of } };
  const written = await predictor.predictFolder({
    ...common,
    ...folders,
    saveProbabilities: options.save_probabilities,
    saveDicomSegmentations: options.save_dicom_seg,
    series: options.series,
    probabilityMaps: options.save_probabilities_nifti,
    filePerLabel: options.file_per_label,
    overwrite: !options.continue_prediction,
    previousStageFolder: previous,
    onStart: (start) => {
      line.print(describeStart(start, folders));
      if (options.not_on_device && start.device === "cpu") {
        line.print(
          "--not_on_device is not needed: on the CPU, results are in this machine's memory",
        );
      }
    },
    ...options.verbose && {
      onCase: (name: string) =>
        line.print(`${name}: written after ${formatDuration(secondsSince(begin))}`),
    },
    onIgnored: (ignored) => printIgnored(line, ignored),
    onFailure: (failure) => line.print(`Failed: ${textOf(failure, options.root)}`),
  });
  line.print(`${written.length} label maps in ${o}`);
}

/** The DICOM segmentation's file in the folder of a label map. */
function dicomSegmentationBeside(labelMap: string): string {
  const name = basename(labelMap);
  const stem = name.slice(0, -imageEndingOf(name)!.length);
  return join(dirname(labelMap), dicomSegmentationFileName(stem));
}

function secondsSince(begin: number): number {
  return (performance.now() - begin) / 1000;
}

/** Prints the expected time once a few seconds of work allow an estimate. */
function estimateLine(line: StatusLine): (progress: InferenceProgress) => void {
  const begin = performance.now();
  let printed = false;
  return ({ secondsLeft, share }) => {
    const seconds = (performance.now() - begin) / 1000;
    if (printed || seconds < 5 || share >= 1 || !Number.isFinite(secondsLeft)) return;
    printed = true;
    line.print(`Expected time: about ${formatDuration(seconds + secondsLeft)}`);
  };
}

/** Whether `-i` is a folder of scans, as opposed to the files of one scan. */
async function namesFolder(input: readonly string[], output: string): Promise<boolean> {
  if (input.length > 1) return false;
  const [path] = input;
  // A missing file is reported as one when it is read.
  if (!await isFolder(path)) return imageEndingOf(basename(path)) === undefined;
  if (imageEndingOf(basename(output)) === undefined) return true;
  if (await isDicomSeries(path)) return false;
  throw new UsageError(
    `Cannot predict ${path}: it is a folder, but ${output} is the name of a file; pass a folder ` +
      "as -o, or one scan as -i",
  );
}

/** @throws {UsageError} If there is an option that only the scans of a folder can have. */
function requireFolderOptions(options: PredictArguments): void {
  const names = [
    ...["save_probabilities", "continue_prediction", "num_parts", "part_id"] as const,
    ...folderOutputOptions,
  ];
  const wrong = names.find((name) => options[name]);
  if (wrong === undefined) return;
  throw new UsageError(
    `Cannot use --${wrong} with the files of one scan: pass a folder of scans as -i, or leave it out`,
  );
}
