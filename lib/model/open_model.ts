/** Opens models for prediction: a results folder, a fold, a checkpoint or an ONNX file. */

import { networkOf } from "../network/network_of.ts";
import { readFile } from "../platform/files.ts";
import { inferenceModel } from "./inference_graph.ts";
import type { ModelFacts } from "./model_facts.ts";
import { modelMetadata, readModelMetadata } from "./model_metadata.ts";
import { OpenModelError, orOpenModelError } from "./open_model_error.ts";
import { type OpenModelOptions, openTrained } from "./open_trained.ts";

/** A model's networks, and everything that is needed to use them. */
export interface OpenedModel extends ModelFacts {
  /** One ONNX model per fold. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
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
 * @throws {OpenModelError} If there is no trained fold, a file does not contain a model, or weights
 * do not fit the plan's network.
 * @throws {Error} If a file of a results folder cannot be read; the message names it.
 */
export async function openModel(
  path: string,
  options: OpenModelOptions = {},
): Promise<OpenedModel> {
  if (path.endsWith(".onnx")) return await openOnnx(path);
  const { checkpoints, ...model } = await openTrained(path, options);
  const { configuration: { architecture, patchSize }, heads, inputChannels } = model;
  const network = networkOf(architecture, { heads: heads.count, deepSupervision: false });
  const metadata = modelMetadata(model);
  const imageShape = [1, inputChannels, ...patchSize];
  const models = checkpoints.map(({ networkWeights }) =>
    orOpenModelError(path, () => inferenceModel(network, imageShape, networkWeights, metadata))
  );
  return { ...model, models };
}

async function openOnnx(path: string): Promise<OpenedModel> {
  const model = await readFile(path).catch((cause) => {
    throw new OpenModelError(path, cause.message, { cause });
  });
  return { ...readModelMetadata(model, path), models: [model] };
}
