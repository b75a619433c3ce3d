/** Trained models as they lie on disk: a results folder, a fold, a checkpoint or an ONNX file. */

import { basename, dirname, join } from "@std/path";
import { readCheckpoint } from "../files/checkpoint_file.ts";
import {
  type DatasetJson,
  foregroundIntegers,
  parseDatasetJson,
  readDatasetJson,
} from "../files/dataset_json.ts";
import { fileNames, modelFolderName } from "../files/paths.ts";
import { parsePlans, readPlans } from "../files/plans_json.ts";
import type { NnunetCheckpoint } from "../interop/nnunet_checkpoint.ts";
import { networkOf } from "../network/network_of.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { inferenceModel } from "./inference_graph.ts";
import { headsOf } from "./heads.ts";
import { modelMetadata, readModelMetadata } from "./model_metadata.ts";
import { exists, listFolderIfPresent, readFile } from "../platform/files.ts";

/** Which part of a results folder to open. */
export interface OpenModelOptions {
  /** Folds to average; all that the folder has if left out. */
  readonly folds?: readonly (number | "all")[];
  /** Which checkpoint of a fold, `checkpoint_final.pth` by default. */
  readonly checkpoint?: string;
}

/** A model's networks, and all that is needed to use them. */
export interface OpenedModel {
  readonly plans: PlansData;
  readonly configuration: Configuration;
  readonly dataset: DatasetJson;
  /** One ONNX model a fold. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
  /** Axes of the patch that were mirrored in training. */
  readonly mirrorAxes: readonly number[];
  /** Of a cascade's second stage: the results folder of the first, if it can be told. */
  readonly previousStageFolder?: string;
}

/** A model as it was trained: its weights, fold by fold. */
export interface TrainedModel extends Omit<OpenedModel, "models"> {
  readonly checkpoints: readonly NnunetCheckpoint[];
}

const foldName = /^fold_(\d+|all)$/;

/**
 * Opens a model, ours or Python's: a results folder (`…/nnUNetTrainer__nnUNetPlans__3d_fullres`),
 * one of its folds, a checkpoint (`.pth`), or a model exported as ONNX (`.onnx`).
 *
 * @throws {Error} If a file is missing or is not what it should be, saying what was looked for.
 * @throws {TypeError} If weights do not fit the plan's network.
 */
export async function openModel(
  path: string,
  options: OpenModelOptions = {},
): Promise<OpenedModel> {
  if (path.endsWith(".onnx")) return await openOnnx(path);
  const { checkpoints, ...model } = await openTrained(path, options);
  const { configuration, dataset } = model;
  const network = networkOf(configuration.architecture, {
    heads: headsOf(dataset).count,
    deepSupervision: false,
  });
  const imageShape = [1, inputChannels(configuration, dataset), ...configuration.patchSize];
  const models = checkpoints.map(({ networkWeights }) => {
    try {
      return inferenceModel(network, imageShape, networkWeights, modelMetadata(model));
    } catch (cause) {
      const { message } = cause as Error;
      throw new TypeError(`Cannot open model ${path}: ${message}`, { cause });
    }
  });
  return { ...model, models };
}

/** Input channels of a network: in a cascade one more for every foreground label. */
export function inputChannels(
  { previousStage }: Pick<Configuration, "previousStage">,
  { channelNames, labels }: DatasetJson,
): number {
  return channelNames.length + (previousStage ? foregroundIntegers(labels).length : 0);
}

/** Opens a results folder, a fold or a checkpoint; throws as {@link openModel}. */
export async function openTrained(
  path: string,
  { folds, checkpoint: checkpointName = fileNames.checkpointFinal }: OpenModelOptions = {},
): Promise<TrainedModel> {
  if (path.endsWith(".pth")) return await openCheckpoint(path);
  const isFold = foldName.test(basename(path));
  const folder = isFold ? dirname(path) : path;
  const foldFolders = isFold ? [path] : folds?.map((fold) => join(folder, fileNames.fold(fold))) ??
    await trainedFolds(folder, checkpointName);
  if (foldFolders.length === 0) {
    throw new Error(
      `Cannot open model ${folder}: found no fold with ${checkpointName}, expected a trained one`,
    );
  }
  const plans = await readPlans(join(folder, fileNames.resultPlans));
  const dataset = await readDatasetJson(join(folder, fileNames.dataset));
  const checkpoints = await Promise.all(
    foldFolders.map((fold) => readCheckpoint(join(fold, checkpointName))),
  );
  const configuration = configurationOf(checkpoints[0], plans, folder);
  const { previousStage } = configuration;
  const [trainer, plansName] = basename(folder).split("__");
  return {
    plans,
    configuration,
    dataset,
    checkpoints,
    mirrorAxes: checkpoints[0].inferenceAllowedMirroringAxes ?? [],
    ...previousStage && plansName && {
      previousStageFolder: join(
        dirname(folder),
        modelFolderName(trainer, plansName, previousStage),
      ),
    },
  };
}

/** A checkpoint alone: it holds its plans and data set, too. */
async function openCheckpoint(path: string): Promise<TrainedModel> {
  const checkpoint = await readCheckpoint(path);
  const { plans: plansJson, datasetJson } = checkpoint.initArgs;
  try {
    const plans = parsePlans(JSON.stringify(plansJson));
    return {
      plans,
      configuration: configurationOf(checkpoint, plans, path),
      dataset: parseDatasetJson(datasetJson, `dataset_json of ${path}`),
      checkpoints: [checkpoint],
      mirrorAxes: checkpoint.inferenceAllowedMirroringAxes ?? [],
    };
  } catch (cause) {
    throw new Error(`Cannot open model ${path}: ${(cause as Error).message}`, { cause });
  }
}

function configurationOf(
  { initArgs }: NnunetCheckpoint,
  { configurations }: PlansData,
  path: string,
): Configuration {
  const found = Object.values(configurations).find(({ name }) => name === initArgs.configuration);
  if (found) return found;
  throw new Error(
    `Cannot open model ${path}: found configurations ${Object.keys(configurations).join(", ")}, ` +
      `expected ${initArgs.configuration}`,
  );
}

async function openOnnx(path: string): Promise<OpenedModel> {
  const model = await readFile(path).catch((cause) => {
    throw new Error(`Cannot open model ${path}: ${cause.message}`, { cause });
  });
  return { ...readModelMetadata(model, path), models: [model] };
}

/** Folders of the folds that have the checkpoint, in order. */
async function trainedFolds(model: string, checkpoint: string): Promise<string[]> {
  const folds: string[] = [];
  for await (const { name, isDirectory } of listFolderIfPresent(model)) {
    if (!isDirectory || !foldName.test(name)) continue;
    if (await exists(join(model, name, checkpoint))) folds.push(join(model, name));
  }
  return folds.sort();
}
