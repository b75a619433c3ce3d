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
import { requireKnown } from "../options/require_known.ts";
import { exists, listFolderIfPresent } from "../platform/files.ts";
import { type ModelFacts, modelFacts } from "./model_facts.ts";
import { namedConfiguration } from "./named_configuration.ts";
import { OpenModelError, orOpenModelError } from "./open_model_error.ts";

/** Which folds and checkpoint of a results folder to open. */
export interface OpenModelOptions {
  /** Folds to average; all trained folds by default. */
  readonly folds?: readonly (number | "all")[];
  /** File name of the checkpoint in each fold's folder; `checkpoint_final.pth` by default. */
  readonly checkpoint?: string;
}

/** A trained model's facts and checkpoints. */
export interface TrainedModel extends ModelFacts {
  /** One checkpoint per fold. */
  readonly checkpoints: readonly NnunetCheckpoint[];
  /** For a cascade's second stage, the results folder of the first, if its path is known. */
  readonly previousStageFolder?: string;
}

const foldName = /^fold_(\d+|all)$/;

/**
 * Opens a results folder, a fold or a checkpoint with its weights.
 *
 * @param path The folder or file.
 * @param options Which folds and checkpoint of a results folder to open.
 * @returns The model's plans, labels and other facts, and one checkpoint per fold.
 * @throws {RangeError} If `checkpoint` is not a valid file name.
 * @throws {OpenModelError} If there is no trained fold, or a checkpoint does not describe a model.
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
  const { folds, checkpoint: checkpointName = fileNames.checkpointFinal } = options;
  requireFileName(checkpointName, "Cannot open a model: checkpoint");
  if (path.endsWith(".pth")) return await openCheckpoint(path);
  const isFold = foldName.test(basename(path));
  const folder = isFold ? dirname(path) : path;
  const foldFolders = isFold ? [path] : folds?.map((fold) => join(folder, fileNames.fold(fold))) ??
    await trainedFolds(folder, checkpointName);
  if (foldFolders.length === 0) {
    throw new OpenModelError(
      folder,
      `found no fold with ${checkpointName}, expected a trained one`,
    );
  }
  const plans = await readPlans(join(folder, fileNames.resultPlans));
  const dataset = await readDatasetJson(join(folder, fileNames.dataset));
  const checkpoints = await Promise.all(
    foldFolders.map((fold) => readCheckpoint(join(fold, checkpointName))),
  );
  const [{ initArgs, inferenceAllowedMirroringAxes }] = checkpoints;
  const configuration = namedConfiguration(plans, initArgs.configuration, folder);
  const mirrorAxes = inferenceAllowedMirroringAxes ?? [];
  const { previousStage } = configuration;
  const [trainer, plansName] = basename(folder).split("__");
  const sources = { plansData: plans, configuration, datasetJson: dataset, mirrorAxes };
  return {
    ...orOpenModelError(folder, () => modelFacts(sources)),
    checkpoints,
    ...previousStage && plansName && {
      previousStageFolder: join(
        dirname(folder),
        modelFolderName(trainer, plansName, previousStage),
      ),
    },
  };
}

/** Opens a checkpoint alone: it contains its plans and data set as well. */
async function openCheckpoint(path: string): Promise<TrainedModel> {
  const checkpoint = await readCheckpoint(path);
  const { initArgs, inferenceAllowedMirroringAxes } = checkpoint;
  const read = () => ({
    plans: parsePlans(JSON.stringify(initArgs.plans)),
    dataset: parseDatasetJson(initArgs.datasetJson, `dataset_json of ${path}`),
  });
  const { plans, dataset } = orOpenModelError(path, read);
  const configuration = namedConfiguration(plans, initArgs.configuration, path);
  const mirrorAxes = inferenceAllowedMirroringAxes ?? [];
  const sources = { plansData: plans, configuration, datasetJson: dataset, mirrorAxes };
  return {
    ...orOpenModelError(path, () => modelFacts(sources)),
    checkpoints: [checkpoint],
  };
}

/** Lists the folders of the folds that have the checkpoint, in order. */
async function trainedFolds(model: string, checkpoint: string): Promise<string[]> {
  const folds: string[] = [];
  for await (const { name, isDirectory } of listFolderIfPresent(model)) {
    if (!isDirectory || !foldName.test(name)) continue;
    if (await exists(join(model, name, checkpoint))) folds.push(join(model, name));
  }
  return folds.sort();
}
