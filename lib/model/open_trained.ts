/** Opens trained models as nnU-Net stores them: a results folder, a fold or a checkpoint. */

import { requireFileName } from "../untrusted/file_name.ts";
import { basename, dirname, join } from "../platform/paths.ts";
import { readCheckpoint } from "../files/checkpoint_file.ts";
import { parseDatasetJson } from "../files/dataset_json.ts";
import { readDatasetJson } from "../files/dataset_file.ts";
import { fileNames, modelFolderName } from "../files/paths.ts";
import { parsePlans } from "../files/plans_json.ts";
import { readPlans } from "../files/plans_file.ts";
import type { NnunetCheckpoint } from "../interop/nnunet_checkpoint.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { architectureOfTrainer } from "../network/trainer_architectures.ts";
import { requireKnown } from "../options/require_known.ts";
import { FileError } from "../platform/file_error.ts";
import { fileInfo, listFolderIfPresent } from "../platform/files.ts";
import { defaultFolds, type FoldName, foldOf, foldStates } from "./fold_states.ts";
import { type ModelFacts, modelFacts } from "./model_facts.ts";
import { namedConfiguration } from "./named_configuration.ts";
import { OpenModelError, orOpenModelError } from "./open_model_error.ts";
import { UntrainedFoldsError } from "./untrained_folds_error.ts";

/** Which folds and checkpoint of a results folder to open. */
export interface OpenModelOptions {
  /**
   * Folds to average; by default all numbered folds that are trained, or else the training on all
   * cases. Only a results folder has several.
   */
  readonly folds?: readonly FoldName[];
  /** File name of the checkpoint in each fold's folder; `checkpoint_final.pth` by default. */
  readonly checkpoint?: string;
}

/** Where a model's weights are from. */
export interface ModelOrigin {
  /** The folder or file that was opened. */
  readonly path: string;
  /** Name of the trainer; undefined for a model exported as ONNX, which does not say. */
  readonly trainer?: string;
  /** The folds that are averaged; undefined for a model exported as ONNX. */
  readonly folds?: readonly FoldName[];
  /** Name of the checkpoint's file in each fold. */
  readonly checkpoint?: string;
}

/** A trained model's facts and checkpoints. */
export interface TrainedModel extends ModelFacts {
  /** One checkpoint per fold. */
  readonly checkpoints: readonly NnunetCheckpoint[];
  /** Where the checkpoints are from. */
  readonly origin: ModelOrigin;
  /** For a cascade's second stage, the results folder of the first, if its path is known. */
  readonly previousStageFolder?: string;
}

/**
 * Opens a results folder, a fold or a checkpoint with its weights.
 *
 * @param path The folder or file.
 * @param options Which folds and checkpoint of a results folder to open.
 * @returns The model's plans, labels and other facts, and one checkpoint per fold.
 * @throws {RangeError} If `checkpoint` is not a valid file name.
 * @throws {UntrainedFoldsError} If a fold is not trained, or none is.
 * @throws {OpenModelError} If there is no model, or a checkpoint does not describe one.
 * @throws {Error} If a file cannot be read; the message names it.
 *
 * @example Reading a fold's weights
 * ```ts ignore
 * import { openTrained } from "nnunet";
 *
 * const { checkpoints: [{ networkWeights }] } = await openTrained(trainer.folder);
 * for (const [name, { shape }] of networkWeights) console.log(name, shape);
 * ```
 */
export async function openTrained(
  path: string,
  options: OpenModelOptions = {},
): Promise<TrainedModel> {
  requireKnown(options, { folds: true, checkpoint: true }, "open a model");
  const { folds, checkpoint = fileNames.checkpointFinal } = options;
  requireFileName(checkpoint, "Cannot open a model: `checkpoint`");
  requireFoldNames(path, folds);
  if (path.endsWith(".pth")) return await openCheckpoint(path, options);
  await requireFolder(path);
  const ownFold = foldOf(basename(path));
  if (ownFold !== undefined && folds && !(folds.length === 1 && folds[0] === ownFold)) {
    throw new OpenModelError(
      path,
      `it is fold ${ownFold}, but \`folds\` is [${folds.join(", ")}]; open ${
        dirname(path)
      } instead`,
    );
  }
  const folder = ownFold === undefined ? path : dirname(path);
  const states = await foldStates(folder);
  const wanted = folds ?? (ownFold === undefined ? undefined : [ownFold]);
  const chosen = wanted ?? defaultFolds(states, checkpoint);
  const isTrained = (fold: FoldName) =>
    states.some((state) => state.fold === fold && state.checkpoints.includes(checkpoint));
  if (chosen.length === 0 || !chosen.every(isTrained)) {
    throw new UntrainedFoldsError(folder, checkpoint, states, wanted);
  }
  const plans = await readPlans(join(folder, fileNames.resultPlans));
  const dataset = await readDatasetJson(join(folder, fileNames.dataset));
  const checkpoints = await Promise.all(
    chosen.map((fold) => readCheckpoint(join(folder, fileNames.fold(fold), checkpoint))),
  );
  const [{ inferenceAllowedMirroringAxes, trainerName }] = checkpoints;
  const configuration = trainedConfiguration(plans, checkpoints[0], folder);
  const mirrorAxes = inferenceAllowedMirroringAxes ?? [];
  const { previousStage } = configuration;
  const [trainer, plansName] = basename(folder).split("__");
  const sources = { plansData: plans, configuration, datasetJson: dataset, mirrorAxes };
  return {
    ...orOpenModelError(folder, () => modelFacts(sources)),
    checkpoints,
    origin: { path, trainer: trainerName, folds: chosen, checkpoint },
    ...previousStage && plansName && {
      previousStageFolder: join(
        dirname(folder),
        modelFolderName(trainer, plansName, previousStage),
      ),
    },
  };
}

/** Opens a checkpoint alone: it contains its plans and data set as well. */
async function openCheckpoint(
  path: string,
  { folds, checkpoint: name }: OpenModelOptions,
): Promise<TrainedModel> {
  const other = folds ? "folds" : name !== undefined && name !== basename(path) ? "checkpoint" : "";
  if (other) {
    throw new OpenModelError(
      path,
      `it is a checkpoint, so \`${other}\` has no meaning; open its results folder instead`,
    );
  }
  const checkpoint = await readCheckpoint(path);
  const { initArgs, inferenceAllowedMirroringAxes } = checkpoint;
  const read = () => ({
    plans: parsePlans(JSON.stringify(initArgs.plans)),
    dataset: parseDatasetJson(initArgs.datasetJson, `dataset_json of ${path}`),
  });
  const { plans, dataset } = orOpenModelError(path, read);
  const configuration = trainedConfiguration(plans, checkpoint, path);
  const mirrorAxes = inferenceAllowedMirroringAxes ?? [];
  const sources = { plansData: plans, configuration, datasetJson: dataset, mirrorAxes };
  return {
    ...orOpenModelError(path, () => modelFacts(sources)),
    checkpoints: [checkpoint],
    origin: {
      path,
      trainer: checkpoint.trainerName,
      folds: [initArgs.fold],
      checkpoint: basename(path),
    },
  };
}

/**
 * Returns the configuration of a checkpoint, with the network that its trainer builds.
 *
 * @throws {OpenModelError} If the plans have no such configuration, or it is not supported.
 */
function trainedConfiguration(
  plans: PlansData,
  { initArgs, trainerName }: NnunetCheckpoint,
  path: string,
): Configuration {
  const planned = namedConfiguration(plans, initArgs.configuration, path);
  return { ...planned, architecture: architectureOfTrainer(trainerName, planned.architecture) };
}

/** @throws {OpenModelError} If a path is no folder; the message lists the models beside it. */
async function requireFolder(path: string): Promise<void> {
  const info = await fileInfo(path).catch((error) => {
    if (error instanceof FileError) return error;
    throw error;
  });
  if (info instanceof FileError) {
    const beside: string[] = [];
    try {
      for await (const { name } of listFolderIfPresent(dirname(path))) {
        if (name.split("__").length === 3) beside.push(name);
      }
    } catch {
      // A part of the path is a file.
    }
    const found = beside.length > 0 ? `; ${dirname(path)} has ${beside.sort().join(", ")}` : "";
    throw new OpenModelError(path, info.reason + found, { cause: info });
  }
  if (!info.isDirectory) {
    throw new OpenModelError(
      path,
      "it is a file, expected a results folder, a fold, a checkpoint (.pth) or a model (.onnx)",
    );
  }
}

function requireFoldNames(path: string, folds: OpenModelOptions["folds"]): void {
  if (folds === undefined) return;
  const valid = (fold: unknown) => fold === "all" || Number.isInteger(fold) && Number(fold) >= 0;
  if (Array.isArray(folds) && folds.length > 0 && folds.every(valid)) {
    if (new Set(folds).size === folds.length) return;
    throw new OpenModelError(path, `\`folds\` is [${folds.join(", ")}], expected each fold once`);
  }
  throw new OpenModelError(
    path,
    `\`folds\` is ${JSON.stringify(folds)}, expected a list of numbers from 0, or ["all"]`,
  );
}
