/** Where nnU-Net v2 keeps things: folder and file names, in one place. */

import { join } from "../platform/paths.ts";

/** nnU-Net's three roots. */
export interface Folders {
  /** `nnUNet_raw` */
  readonly raw: string;
  /** `nnUNet_preprocessed` */
  readonly preprocessed: string;
  /** `nnUNet_results` */
  readonly results: string;
}

/** The three roots side by side in one folder, under nnU-Net's own names. */
export function foldersIn(root: string): Folders {
  return {
    raw: join(root, "nnUNet_raw"),
    preprocessed: join(root, "nnUNet_preprocessed"),
    results: join(root, "nnUNet_results"),
  };
}

/** `Dataset004_Hippocampus` */
export function datasetFolderName(id: number, name: string): string {
  return `Dataset${String(id).padStart(3, "0")}_${name}`;
}

/** Version 1's `Task004_Hippocampus` */
export function taskFolderName(id: number, name: string): string {
  return `Task${String(id).padStart(3, "0")}_${name}`;
}

/** `hippocampus_001_0000.nii.gz` */
export function channelFileName(caseName: string, channel: number, fileEnding: string): string {
  return `${caseName}_${String(channel).padStart(4, "0")}${fileEnding}`;
}

/** `hippocampus_001.npz`, probabilities of a case */
export function probabilitiesFileName(caseName: string): string {
  return `${caseName}.npz`;
}

/** `hippocampus_001.pkl`, what belongs to them of the scan's geometry */
export function propertiesFileName(caseName: string): string {
  return `${caseName}.pkl`;
}

/** `3d_lowres_predictions`, where a cascade's first stage goes if it is predicted on the way */
export function firstStageFolderName(configuration: string): string {
  return `${configuration}_predictions`;
}

/** `nnUNetTrainer__nnUNetPlans__3d_fullres` */
export function modelFolderName(trainer: string, plans: string, configuration: string): string {
  return `${trainer}__${plans}__${configuration}`;
}

/** File and folder names that occur in several places. */
export const fileNames = {
  dataset: "dataset.json",
  fingerprint: "dataset_fingerprint.json",
  splits: "splits_final.json",
  summary: "summary.json",
  summaryDetails: "summary_details.json",
  postprocessing: "postprocessing.pkl",
  postprocessingReport: "postprocessing.json",
  postprocessed: "postprocessed",
  inferenceInformation: "inference_information.json",
  inferenceInstructions: "inference_instructions.txt",
  plans: (plansName: string) => `${plansName}.json`,
  /** What a folder was predicted with. */
  predictionArguments: "predict_from_raw_data_args.json",
  /** Plans inside a results folder, or beside predictions. */
  resultPlans: "plans.json",
  imagesTr: "imagesTr",
  labelsTr: "labelsTr",
  imagesTs: "imagesTs",
  labelsTs: "labelsTs",
  imagesVal: "imagesVal",
  labelsVal: "labelsVal",
  groundTruth: "gt_segmentations",
  fold: (fold: number | "all") => `fold_${fold}`,
  validation: "validation",
  checkpointFinal: "checkpoint_final.pth",
  checkpointBest: "checkpoint_best.pth",
  checkpointLatest: "checkpoint_latest.pth",
  onnx: "model.onnx",
  progress: "progress.png",
  log: "training_log.jsonl",
  debug: "debug.json",
  /** What one stage of a cascade leaves for the next. */
  nextStage: "predicted_next_stage",
} as const;
