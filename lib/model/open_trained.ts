/** Trained models as nnU-Net leaves them: a results folder, one of its folds or a checkpoint. */

import { basename, dirname, join } from "../platform/paths.ts";
import { readCheckpoint } from "../files/checkpoint_file.ts";
import { parseDatasetJson, readDatasetJson } from "../files/dataset_json.ts";
import { fileNames, modelFolderName } from "../files/paths.ts";
import { parsePlans, readPlans } from "../files/plans_json.ts";
import type { NnunetCheckpoint } from "../interop/nnunet_checkpoint.ts";
import { exists, listFolderIfPresent } from "../platform/files.ts";
import { type ModelFacts, modelFacts } from "./model_facts.ts";
import { namedConfiguration } from "./named_configuration.ts";
import { OpenModelError, orOpenModelError } from "./open_model_error.ts";

/** Which part of a results folder to open. */
export interface OpenModelOptions {
  /** Folds to average; all that the folder has if left out. */
  readonly folds?: readonly (number | "all")[];
  /** Which checkpoint of a fold, `checkpoint_final.pth` by default. */
  readonly checkpoint?: string;
}

/** A model as it was trained: its weights, fold by fold. */
export interface TrainedModel extends ModelFacts {
  readonly checkpoints: readonly NnunetCheckpoint[];
  /** For a cascade's second stage, the results folder of the first, if its place is known. */
  readonly previousStageFolder?: string;
}

const foldName = /^fold_(\d+|all)$/;

/**
 * Opens a results folder, a fold or a checkpoint.
 *
 * @param path The folder or file.
 * @param options Which part of a results folder to open.
 * @throws {OpenModelError} If there is no trained fold, or a checkpoint does not describe a model.
 * @throws {Error} If a file cannot be read; the message names it.
 */
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
  return {
    ...modelFacts({ plans, configuration, dataset, mirrorAxes }),
    checkpoints,
    ...previousStage && plansName && {
      previousStageFolder: join(
        dirname(folder),
        modelFolderName(trainer, plansName, previousStage),
      ),
    },
  };
}

/** Opens a checkpoint alone: it holds its plans and data set, too. */
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
  return {
    ...modelFacts({ plans, configuration, dataset, mirrorAxes }),
    checkpoints: [checkpoint],
  };
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
