/** Opens models for prediction: a results folder, a fold, a checkpoint or an ONNX file. */

import { fileNames } from "../files/paths.ts";
import { networkOf } from "../network/network_of.ts";
import { exists, readFile } from "../platform/files.ts";
import { dirname, join } from "../platform/paths.ts";
import { expectedWeights, requireFittingWeights } from "./fitting_weights.ts";
import { inferenceModel } from "./inference_graph.ts";
import type { ModelFacts } from "./model_facts.ts";
import { modelMetadata, readModelMetadata } from "./model_metadata.ts";
import { OpenModelError } from "./open_model_error.ts";
import { type ModelOrigin, type OpenModelOptions, openTrained } from "./open_trained.ts";
import { reasonOf } from "../options/reason_of.ts";
import { printable } from "../untrusted/printable.ts";

/** A model's networks, and everything that is needed to use them. */
export interface OpenedModel extends ModelFacts {
  /** One ONNX model per fold. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
  /** Where the weights are from. */
  readonly origin: ModelOrigin;
  /** For a cascade's second stage, the results folder of the first, if its path is known. */
  readonly previousStageFolder?: string;
}

/**
 * Opens a model trained by this library or by nnU-Net: a results folder
 * (`…/nnUNetTrainer__nnUNetPlans__3d_fullres`), one of its folds, a checkpoint (`.pth`), or a model
 * exported as ONNX (`.onnx`).
 *
 * @param path The folder or file.
 * @param options Which folds and checkpoint of a results folder to open.
 * @throws {UntrainedFoldsError} If a fold is not trained, or none is.
 * @throws {OpenModelError} If there is no model, a file does not contain a model, or weights
 * do not fit the plan's network; the message names the fold's `model.onnx`, if it exists, which
 * contains its own network.
 * @throws {Error} If a file of a results folder cannot be read; the message names it.
 */
export async function openModel(
  path: string,
  { folds, checkpoint }: OpenModelOptions = {},
): Promise<OpenedModel> {
  if (path.endsWith(".onnx")) {
    const other = folds ? "folds" : checkpoint === undefined ? "" : "checkpoint";
    if (other) {
      throw new OpenModelError(path, `it is an exported model, so \`${other}\` has no meaning`);
    }
    return await openOnnx(path);
  }
  const { checkpoints, ...model } = await openTrained(path, { folds, checkpoint });
  const { configuration: { architecture, patchSize }, heads, inputChannels } = model;
  const metadata = modelMetadata(model);
  const imageShape = [1, inputChannels, ...patchSize];
  try {
    const network = networkOf(architecture, { heads: heads.count, deepSupervision: false });
    const expected = expectedWeights(model);
    const models = checkpoints.map(({ networkWeights }) => {
      requireFittingWeights(networkWeights, expected);
      return inferenceModel(network, imageShape, networkWeights, metadata);
    });
    return { ...model, models };
  } catch (cause) {
    const { trainer } = model.origin;
    const message = trainer === undefined || trainer === "nnUNetTrainer"
      ? reasonOf(cause)
      : `${reasonOf(cause)}; it was trained by ${
        printable(trainer)
      }, whose network may be another ` +
        "one than its plans describe";
    const file = await modelFileBeside(path, checkpoints[0].initArgs.fold);
    const remedy = file && `; a fold trained with a custom network opens as ${file}`;
    throw new OpenModelError(path, message + (remedy ?? ""), { cause });
  }
}

/** Returns the path of a fold's exported model, which contains its own network; or undefined. */
async function modelFileBeside(path: string, fold: number | "all"): Promise<string | undefined> {
  const folders = path.endsWith(".pth")
    ? [dirname(path)]
    : [path, join(path, fileNames.fold(fold))];
  for (const folder of folders) {
    const file = join(folder, fileNames.onnx);
    if (await exists(file)) return file;
  }
  return undefined;
}

async function openOnnx(path: string): Promise<OpenedModel> {
  const model = await readFile(path).catch((cause) => {
    throw new OpenModelError(path, reasonOf(cause), { cause });
  });
  return { ...readModelMetadata(model, path), models: [model], origin: { path } };
}
