/**
 * Packs trained models into a zip file, as nnU-Net's `export_model_to_zip` does.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/model_sharing/model_export.py
 */

import { fileNames } from "../files/paths.ts";
import { writeZipFile, type ZipInput } from "../interop/zip_file.ts";
import { basename, dirname, join } from "../platform/paths.ts";
import { OpenFile } from "../platform/open_file.ts";
import { exists, listFolder } from "../platform/files.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Options of {@link exportModels}. */
export interface ExportModelsOptions {
  /** Folders of the models, all of the same data set. */
  readonly models: readonly string[];
  /** Folds to pack, all trained folds by default. */
  readonly folds?: readonly (number | "all")[];
  /** File names of the checkpoints to pack, `checkpoint_final.pth` by default. */
  readonly checkpoints?: readonly string[];
}

const exportOptions: KnownOptions<ExportModelsOptions> = {
  models: true,
  folds: true,
  checkpoints: true,
};

/** Files of a model's folder that are packed if they exist. */
const modelFiles = [fileNames.resultPlans, fileNames.dataset, fileNames.fingerprint] as const;
/** Files of a fold, besides checkpoints, that are packed if they exist. */
const foldFiles = [
  fileNames.onnx,
  fileNames.progress,
  fileNames.debug,
  join(fileNames.validation, fileNames.summary),
  join(fileNames.validation, fileNames.postprocessing),
] as const;
/** Files next to the models' folders that are packed if they exist. */
const datasetFiles = ["inference_information.json", "inference_instructions.txt"] as const;

/**
 * Packs models into a zip file, which is written completely or not at all.
 *
 * @param path Path of the zip file.
 * @param options The models, and which of their folds and checkpoints to pack.
 * @returns Paths of the packed files, relative to `nnUNet_results`.
 * @throws {TypeError} If an option is unknown.
 * @throws {Error} If a model has no `plans.json`, `dataset.json` or trained fold, a fold lacks a
 * checkpoint, or the models are of different data sets.
 *
 * @example Packing a trained model
 * ```ts ignore
 * import { exportModels } from "nnunet";
 *
 * await exportModels("hippocampus.zip", { models: [trainer.modelFolder] });
 * ```
 */
export async function exportModels(path: string, options: ExportModelsOptions): Promise<string[]> {
  requireKnown(options, exportOptions, "export models");
  const { models, folds, checkpoints = [fileNames.checkpointFinal] } = options;
  const files: { readonly name: string; readonly path: string }[] = [];
  const add = async (folder: string, file: string, required: boolean) => {
    const path = join(folder, file);
    if (await exists(path)) files.push({ name: nameIn(path), path });
    else if (required) throw new Error(`Cannot export models: found no ${path}`);
  };
  const datasetFolder = dirname(models[0]);
  const nameIn = (path: string) =>
    basename(datasetFolder) + path.slice(datasetFolder.length).replaceAll("\\", "/");
  for (const model of models) {
    if (dirname(model) !== datasetFolder) {
      throw new Error(`Cannot export models: ${model} and ${models[0]} are in different folders`);
    }
    for (const file of modelFiles) await add(model, file, file !== fileNames.fingerprint);
    const chosen = folds?.map((fold) => fileNames.fold(fold)) ??
      await trainedFolds(model, checkpoints[0]);
    if (chosen.length === 0) {
      throw new Error(
        `Cannot export models: found no fold with ${
          checkpoints[0]
        } in ${model}, expected at least one`,
      );
    }
    for (const fold of chosen) {
      for (const checkpoint of checkpoints) await add(join(model, fold), checkpoint, true);
      for (const file of foldFiles) await add(join(model, fold), file, false);
    }
  }
  for (const file of datasetFiles) await add(datasetFolder, file, false);
  await writeZipFile(
    path,
    files.map(({ name, path }): ZipInput => ({ name, content: readPieces(path) })),
  );
  return files.map(({ name }) => name);
}

async function trainedFolds(model: string, checkpoint: string): Promise<string[]> {
  const folds: string[] = [];
  for await (const { name, isDirectory } of listFolder(model)) {
    if (!isDirectory || !name.startsWith("fold_")) continue;
    if (await exists(join(model, name, checkpoint))) folds.push(name);
  }
  return folds.sort();
}

async function* readPieces(path: string) {
  using file = await OpenFile.read(path);
  for (;;) {
    const piece = new Uint8Array(1 << 20);
    const count = await file.readSome(piece);
    if (count === null) return;
    yield piece.subarray(0, count);
  }
}
