/** Checks that a folder is a model that can be used. */

import { readDatasetJson } from "../files/dataset_file.ts";
import { fileNames } from "../files/paths.ts";
import { readPlans } from "../files/plans_file.ts";
import { parsePythonJson } from "../files/python_json.ts";
import { listFolder, readFile } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { readParsed } from "../platform/read_text.ts";
import { expectedWeights, requireFittingWeights } from "./fitting_weights.ts";
import { configurationIn } from "./model_files.ts";
import { readModelMetadata } from "./model_metadata.ts";
import { namedConfiguration } from "./named_configuration.ts";
import { OpenModelError, orOpenModelError } from "./open_model_error.ts";
import { openTrained } from "./open_trained.ts";

/**
 * Checks a model's plans and data set, all its JSON files, and every checkpoint and exported model of its folds. One
 * checkpoint at a time is in memory.
 *
 * @param folder The model's folder, which may have another name for now.
 * @param name The name that it is to have: `TRAINER__PLANS__CONFIGURATION`.
 * @throws {OpenModelError} If there is no model in any fold, or one is of another configuration or
 * does not fit its plans; a checkpoint of a custom network is accepted with its `model.onnx`.
 * @throws {Error} If a file is missing or cannot be read; the message names it.
 */
export async function requireUsableModel(folder: string, name: string): Promise<void> {
  const plans = await readPlans(join(folder, fileNames.resultPlans));
  await readDatasetJson(join(folder, fileNames.dataset));
  await requireJson(folder);
  const configuration = configurationIn(name);
  namedConfiguration(plans, configuration, folder);
  let models = 0;
  for await (const { name: fold, isDirectory } of listFolder(folder)) {
    if (!isDirectory || !fold.startsWith("fold_")) continue;
    const files: string[] = [];
    for await (const file of listFolder(join(folder, fold))) files.push(file.name);
    const exported = files.includes(fileNames.onnx);
    if (exported) await requireExported(join(folder, fold, fileNames.onnx), configuration);
    const checkpoints = files.filter((file) => file.endsWith(".pth"));
    for (const checkpoint of checkpoints) {
      await requireTrained(join(folder, fold), checkpoint, configuration, exported);
    }
    models += checkpoints.length + (exported ? 1 : 0);
  }
  if (models === 0) {
    throw new OpenModelError(folder, "found no trained fold, expected at least one");
  }
}

/** Reads all JSON files, so that damage is found now and not by whoever needs one of them later. */
async function requireJson(folder: string): Promise<void> {
  for await (const { name, isDirectory } of listFolder(folder)) {
    const path = join(folder, name);
    if (isDirectory) await requireJson(path);
    else if (name.endsWith(".json")) await readParsed(path, "JSON file", parsePythonJson);
  }
}

async function requireExported(path: string, configuration: string): Promise<void> {
  requireSame(
    path,
    readModelMetadata(await readFile(path), path).configuration.name,
    configuration,
  );
}

async function requireTrained(
  fold: string,
  checkpoint: string,
  configuration: string,
  mayBeCustom: boolean,
): Promise<void> {
  const path = join(fold, checkpoint);
  const model = await openTrained(fold, { checkpoint });
  requireSame(path, model.configuration.name, configuration);
  if (mayBeCustom) return; // A custom network's weights fit only the exported model.
  orOpenModelError(
    path,
    () => requireFittingWeights(model.checkpoints[0].networkWeights, expectedWeights(model)),
  );
}

function requireSame(path: string, found: string, expected: string): void {
  if (found === expected) return;
  throw new OpenModelError(path, `it is of the configuration ${found}, expected ${expected}`);
}
