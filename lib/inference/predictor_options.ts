/** Options of a predictor and of its predictions. */

import type { CaseError } from "../dataset/case_error.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import type { Segmentation } from "../image/image.ts";
import type { OpenModelOptions } from "../model/open_trained.ts";
import type { KnownOptions } from "../options/require_known.ts";
import {
  flag,
  numberThat,
  requireList,
  requireOneOf,
  requireOption,
  requireValue,
  type Rule,
  text,
  wholeFrom,
} from "../options/require_value.ts";
import { type Device, type DeviceChoice, deviceChoices } from "../runtime/device.ts";
import type { InferenceProgress } from "./case_pipeline.ts";

/** How a `Predictor` predicts. */
export interface PredictorOptions extends OpenModelOptions {
  /** Step between tiles as a fraction of the patch; 0.5 by default. */
  readonly stepSize?: number;
  /** Whether to average over mirrored views along all axes that training mirrored; true by default. */
  readonly mirroring?: boolean;
  /** Whether to weight a tile's voxels by a Gaussian, as nnU-Net does; true by default. */
  readonly gaussian?: boolean;
  /**
   * Probabilities above which a voxel gets a label or belongs to a region, by the names of
   * `dataset.json`, each between 0 and 1. By default, a label is where it is the most likely one,
   * and a region where it is more likely than not. A label with a threshold wins over all labels
   * without. Probabilities that are written are the same as without thresholds, and so is the first
   * stage of a cascade.
   */
  readonly thresholds?: Readonly<Record<string, number>>;
  /** Device to compute on; the fastest available one by default. */
  readonly device?: DeviceChoice;
  /**
   * Whether a GPU's results are summed in this machine's memory, which is slower but lets larger
   * scans fit; false by default.
   */
  readonly sumsOnHost?: boolean;
  /** Threads of the network on the CPU; all cores by default. */
  readonly threads?: number;
  /** Bytes of this machine's memory that a case may take; all free memory by default. */
  readonly memoryLimitBytes?: number;
}

/** Options of a single prediction. */
export interface PredictOptions {
  /** Aborts the prediction. */
  readonly signal?: AbortSignal;
  /** Called after passes of the network over tiles, and after every case. */
  readonly onProgress?: (progress: InferenceProgress) => void;
  /**
   * For a cascade, the first stage's segmentation, on the scan's grid. If left out, the first stage
   * is predicted by the model whose results folder is next to this model's.
   */
  readonly previousStage?: Segmentation;
  /**
   * For folders of DICOM slices of several series, the number, description or identifier of the one to
   * predict.
   */
  readonly series?: string | number;
  /** Called with what may not be as intended, such as slices of a tilted gantry. */
  readonly onWarning?: (message: string) => void;
}

/** Options of a prediction that is written to a file. */
export interface PredictFileOptions extends PredictOptions {
  /**
   * File of a DICOM segmentation to write as well, which refers to the scan's slices; the scan has to
   * be a folder of DICOM slices.
   */
  readonly dicomSegmentation?: string;
}

/** What `Predictor.predictFolder` reports besides its progress. */
export interface FolderListeners {
  /** Called once, before the work begins. */
  readonly onStart?: (start: PredictionStart) => void;
  /** Called with the files of the input folder that belong to no case. */
  readonly onIgnored?: (ignored: readonly IgnoredFile[]) => void;
  /** Called with what may not be as intended, such as label maps of another model in the output. */
  readonly onWarning?: (message: string) => void;
  /** Called with a case's name when its results are written. */
  readonly onCase?: (name: string) => void;
  /** Called when a case fails; the others are done nevertheless. */
  readonly onFailure?: (failure: CaseError) => void;
}

/** The work of a folder's prediction. */
export interface PredictionStart {
  /** Number of cases of the folder, or of its part. */
  readonly cases: number;
  /** Number of those whose label maps exist already and are kept. */
  readonly kept: number;
  /** The device to compute on. */
  readonly device: Device;
}

/** Folders to read scans from and to write label maps to. */
export interface PredictFolderOptions
  extends Omit<PredictOptions, "previousStage">, FolderListeners {
  /**
   * Folder of the scans, `CASE_0000.nii.gz` and so on. A file `CASE.nii.gz` is a case as well if it
   * has all channels of the model.
   */
  readonly input: string;
  /** Folder of the label maps; it is created if it does not exist. */
  readonly output: string;
  /** Whether to write `CASE.npz` and `CASE.pkl` as well, for ensembles; false by default. */
  readonly saveProbabilities?: boolean;
  /**
   * Whether to write `CASE.seg.dcm` as well, DICOM segmentations that refer to the slices of scans
   * that are folders of DICOM slices; false by default.
   */
  readonly saveDicomSegmentations?: boolean;
  /**
   * Whether to write each label's or region's probabilities as an image as well, as
   * `probabilities/LABEL/CASE.nii.gz` in the output folder; false by default.
   */
  readonly probabilityMaps?: boolean;
  /**
   * Whether to write a mask of each label or region as well, 1 inside and 0 outside, as
   * `labels/LABEL/CASE` with the label map's file ending; false by default.
   */
  readonly filePerLabel?: boolean;
  /** Whether to predict cases whose results already exist; true by default. */
  readonly overwrite?: boolean;
  /** For a cascade, a folder of the first stage's label maps. */
  readonly previousStageFolder?: string;
  /** To share the work: predict only every `of`-th case, beginning with case `id`, from 0. */
  readonly part?: { readonly id: number; readonly of: number };
}

/** Names of {@link PredictorOptions}. */
export const predictorOptions: KnownOptions<PredictorOptions> = {
  folds: true,
  checkpoint: true,
  stepSize: true,
  mirroring: true,
  gaussian: true,
  thresholds: true,
  device: true,
  sumsOnHost: true,
  threads: true,
  memoryLimitBytes: true,
};
/** Names of {@link PredictOptions}. */
export const predictOptions: KnownOptions<PredictOptions> = {
  signal: true,
  onProgress: true,
  previousStage: true,
  series: true,
  onWarning: true,
};
/** Names of {@link PredictFileOptions}. */
export const predictFileOptions: KnownOptions<PredictFileOptions> = {
  ...predictOptions,
  dicomSegmentation: true,
};
/** Names of {@link PredictFolderOptions}. */
export const predictFolderOptions: KnownOptions<PredictFolderOptions> = {
  signal: true,
  onProgress: true,
  onStart: true,
  onIgnored: true,
  onWarning: true,
  onCase: true,
  onFailure: true,
  input: true,
  output: true,
  saveProbabilities: true,
  saveDicomSegmentations: true,
  series: true,
  probabilityMaps: true,
  filePerLabel: true,
  overwrite: true,
  previousStageFolder: true,
  part: true,
};

/**
 * Checks the values of a predictor's options, except folds, which are checked where they are opened.
 *
 * @throws {TypeError} If a value is of the wrong kind.
 * @throws {RangeError} If it is out of range, or there is no device of a name.
 */
export function requirePredictorValues(options: PredictorOptions): void {
  const { device, thresholds } = options;
  const rules: readonly (readonly [name: string, value: unknown, rule: Rule])[] = [
    ["step size", options.stepSize, numberThat("above 0 and at most 1", (x) => x > 0 && x <= 1)],
    ["mirroring", options.mirroring, flag],
    ["gaussian", options.gaussian, flag],
    ["sumsOnHost", options.sumsOnHost, flag],
    ["checkpoint", options.checkpoint, text],
    ["threads", options.threads, wholeFrom(1)],
    ["memoryLimitBytes", options.memoryLimitBytes, numberThat("a number above 0", (x) => x > 0)],
    ["thresholds", thresholds, {
      expected: "an object with a probability for each name",
      isKind: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    }],
  ];
  for (const [name, value, rule] of rules) requireOption(value, rule, "predict", name);
  for (const [name, value] of Object.entries(thresholds ?? {})) {
    requireValue(value, numberThat("a number", () => true), "predict", `thresholds.${name}`);
  }
  if (device !== undefined) requireOneOf(device, deviceChoices, "predict", "device");
}

/**
 * Checks the values of the options of a folder's prediction.
 *
 * @throws {TypeError} If a value is missing or of the wrong kind.
 * @throws {RangeError} If a path is empty.
 */
export function requirePredictFolderValues(options: PredictFolderOptions): void {
  const { input, output, previousStageFolder, overwrite } = options;
  const { saveProbabilities, saveDicomSegmentations, probabilityMaps, filePerLabel } = options;
  for (const [name, value] of Object.entries({ input, output })) {
    requireValue(value, text, "predict", name);
  }
  requireOption(previousStageFolder, text, "predict", "previousStageFolder");
  const flags = { overwrite, saveProbabilities, saveDicomSegmentations, probabilityMaps };
  for (const [name, value] of Object.entries({ ...flags, filePerLabel })) {
    requireOption(value, flag, "predict", name);
  }
}

/**
 * Checks a list of files, one per channel.
 *
 * @throws {TypeError} If it is none.
 */
export function requireFiles(files: unknown, name: string): void {
  requireList(files, text, "predict", name, "a list with one path per channel");
}
