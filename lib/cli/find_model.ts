/** Finds the model that the options of `predict`, `export_onnx` and `export_html` name. */

import { basename, join } from "../platform/paths.ts";
import { describeDatasets, listDatasets } from "../dataset/list_datasets.ts";
import { fileNames, modelFolderName } from "../files/paths.ts";
import { readPlans } from "../files/plans_file.ts";
import { shellLine } from "../options/shell_quoted.ts";
import { exists, listFolderIfPresent } from "../platform/files.ts";
import { UsageError } from "./exit_codes.ts";
import { folderIfSet, resolveFolder } from "./folders.ts";

/** Options that name a model: a path, or its parts. */
export interface ModelOptions {
  readonly d?: number;
  readonly c?: string;
  readonly p?: string;
  readonly tr?: string;
  readonly model?: string;
  readonly root?: string;
}

/** nnU-Net's default folds. */
const FIVE_FOLDS = [0, 1, 2, 3, 4];

/**
 * Returns the path of a model. A model that was installed from a zip file needs neither plans nor a
 * data set in the other folders.
 *
 * @param action What cannot be done otherwise, for messages: `predict` or `export`.
 * @throws {UsageError} If no model was given, or more than one.
 * @throws {Error} If there is no such model; the message lists those that exist.
 */
export async function findModel(options: ModelOptions, action: string): Promise<string> {
  const { model, d, c, p = "nnUNetPlans", tr = "nnUNetTrainer", root } = options;
  if (model !== undefined) {
    const other = (["d", "c", "p", "tr"] as const).find((name) => options[name] !== undefined);
    if (other === undefined) return model;
    const dash = other.length > 1 ? "--" : "-";
    throw new UsageError(`Cannot ${action}: pass either --model or ${dash}${other}, not both`);
  }
  if (d === undefined || c === undefined) {
    throw new UsageError(`Cannot ${action}: no model was given; pass -d and -c, or --model`);
  }
  const results = resolveFolder("results", root);
  const datasets = await listDatasets(results);
  const found = datasets.filter(({ id }) => id === d);
  if (found.length > 1) {
    throw new Error(
      `Cannot ${action} with data set ${d}: found ${found.map((one) => one.folder).join(", ")}, ` +
        "expected one folder with this number; pass the model's folder as --model",
    );
  }
  const [dataset] = found;
  const folder = dataset && join(dataset.folder, modelFolderName(tr, p, c));
  if (folder && await exists(folder)) return folder;
  const models = dataset ? await modelsIn(dataset.folder) : [];
  const has = dataset
    ? `${dataset.folder} has ${models.join(", ") || "no models"}`
    : await describeDatasets(results, datasets);
  const planned = await plannedConfigurations(d, p, root);
  if (planned && !planned.includes(c)) {
    throw new Error(
      `Cannot ${action} with ${c}: ${p} of data set ${d} has ${planned.join(", ")}; ${has}`,
    );
  }
  const names = models.length > 0 ? "; choose one of them with --tr, -p and -c, or" : ";";
  const train = shellLine([
    ...["deno", "task", "nnunet", "train", `${d}`, c, "FOLD"],
    ...p === "nnUNetPlans" ? [] : ["-p", p],
    ...tr === "nnUNetTrainer" ? [] : ["--tr", tr],
    ...root === undefined ? [] : ["--root", root],
  ]);
  throw new Error(
    `Cannot ${action} with ${modelFolderName(tr, p, c)}: it is not trained; ${has}${names} train ` +
      `it with ${train}`,
  );
}

/**
 * Returns a data set's folder in `nnUNet_results`.
 *
 * @param action What cannot be done otherwise, for messages.
 * @throws {Error} If there is none, or several.
 */
export async function datasetFolder(
  id: number,
  action: string,
  root: string | undefined,
): Promise<string> {
  const results = resolveFolder("results", root);
  const datasets = await listDatasets(results);
  const found = datasets.filter((dataset) => dataset.id === id);
  if (found.length === 1) return found[0].folder;
  throw new Error(
    `Cannot ${action} with data set ${id}: ${await describeDatasets(
      results,
      datasets,
    )}, expected ` +
      "one folder with this number",
  );
}

/** Names of the configurations of a data set's plans; undefined if there are no such plans. */
async function plannedConfigurations(
  id: number,
  plansName: string,
  root: string | undefined,
): Promise<string[] | undefined> {
  const preprocessed = folderIfSet("preprocessed", root);
  if (preprocessed === undefined) return undefined;
  const dataset = (await listDatasets(preprocessed)).find((one) => one.id === id);
  const path = dataset && join(dataset.folder, fileNames.plans(plansName));
  if (!path || !await exists(path)) return undefined;
  return Object.keys((await readPlans(path)).configurations);
}

async function modelsIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of listFolderIfPresent(folder)) {
    if (!isFile && name.split("__").length === 3) names.push(name);
  }
  return names.sort();
}

/**
 * Returns the folds that nnU-Net averages if none are chosen: the five of a cross-validation. A
 * fold, a checkpoint and an exported model have no choice.
 */
export function defaultFoldsOf(model: string): readonly number[] | undefined {
  const isSingle = /\.(pth|onnx)$/.test(model) || /^fold_(\d+|all)$/.test(basename(model));
  return isSingle ? undefined : FIVE_FOLDS;
}
