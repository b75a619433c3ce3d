/** Names of nnU-Net v2's folders and files. */

/** Returns a data set's folder name, such as `Dataset004_Hippocampus`. */
export function datasetFolderName(id: number, name: string): string {
  return `Dataset${String(id).padStart(3, "0")}_${name}`;
}

/** Returns the folder name of a task of version 1, such as `Task004_Hippocampus`. */
export function taskFolderName(id: number, name: string): string {
  return `Task${String(id).padStart(3, "0")}_${name}`;
}

/** Returns the file name of a case's channel, such as `hippocampus_001_0000.nii.gz`. */
export function channelFileName(caseName: string, channel: number, fileEnding: string): string {
  return `${caseName}_${String(channel).padStart(4, "0")}${fileEnding}`;
}

/** Endings of the files with a case's probabilities and their properties. */
export const probabilityEndings: readonly string[] = [".npz", ".pkl"];

/** Returns the file name of a case's probabilities, such as `hippocampus_001.npz`. */
export function probabilitiesFileName(caseName: string): string {
  return `${caseName}.npz`;
}

/** Returns the file name of a case's DICOM segmentation, such as `hippocampus_001.seg.dcm`. */
export function dicomSegmentationFileName(caseName: string): string {
  return `${caseName}.seg.dcm`;
}

/** Returns the file name of the properties of a case's probabilities: `hippocampus_001.pkl`. */
export function propertiesFileName(caseName: string): string {
  return `${caseName}.pkl`;
}

/** Folder of probabilities as images, with a folder for each label or region. */
export const probabilityMapFolder = "probabilities";

/** Folder of masks, with a folder for each label or region. */
export const maskFolder = "labels";

/** Returns the folder name of a cascade's first-stage predictions: `3d_lowres_predictions`. */
export function firstStageFolderName(configuration: string): string {
  return `${configuration}_predictions`;
}

/** Returns a model's folder name, such as `nnUNetTrainer__nnUNetPlans__3d_fullres`. */
export function modelFolderName(trainer: string, plans: string, configuration: string): string {
  return `${trainer}__${plans}__${configuration}`;
}

/** Names of files and folders. */
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
  /** Arguments of a folder's prediction. */
  predictionArguments: "predict_from_raw_data_args.json",
  /** Plans in a model's folder or a folder of predictions. */
  resultPlans: "plans.json",
  imagesTr: "imagesTr",
  labelsTr: "labelsTr",
  imagesTs: "imagesTs",
  labelsTs: "labelsTs",
  imagesVal: "imagesVal",
  labelsVal: "labelsVal",
  groundTruth: "gt_segmentations",
  fold: (fold: number | "all") => `fold_${fold}`,
  /**
   * A fold's folder that a new training replaced. It must not begin with `fold_`: nnU-Net would take
   * the digits at its end for a fold's number.
   */
  previousFold: (fold: string, date: Date) => `previous_${fold}_${localTime(date)}`,
  /** Which cases a fold's validation has predicted, with which model. */
  validationRecord: "validation_record.json",
  /** From what the label maps of a folder of cross-validation results were made. */
  madeFrom: ".made_from.json",
  /** A process that trains or validates a fold holds this lock in the model's folder. */
  foldLock: (fold: number | "all") => `.fold_${fold}.lock`,
  /** Keeps what stopped work has finished, hidden, until the next call continues it. */
  unfinished: (work: string) => `.unfinished_${work}`,
  validation: "validation",
  checkpointFinal: "checkpoint_final.pth",
  checkpointBest: "checkpoint_best.pth",
  checkpointLatest: "checkpoint_latest.pth",
  onnx: "model.onnx",
  progress: "progress.png",
  log: "training_log.jsonl",
  debug: "debug.json",
  /** Folder of a cascade stage's predictions for the next stage. */
  nextStage: "predicted_next_stage",
} as const;

/** Formats a time like `2026-11-30_08-15-02`, in the local time zone. */
function localTime(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(pad);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad);
  return `${day.join("-")}_${time.join("-")}`;
}
