/**
 * Packs trained models into a zip file, as nnU-Net's `export_model_to_zip` does.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/model_sharing/model_export.py
 */

import { requireReplaceable } from "../files/other_output.ts";
import { fileNames } from "../files/paths.ts";
import { writeZipFile, type ZipInput } from "../interop/zip_file.ts";
import { basename, dirname, join } from "../platform/paths.ts";
import { OpenFile } from "../platform/open_file.ts";
import { exists, listFolderIfPresent } from "../platform/files.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Options of {@link exportModels}. */
export interface ExportModelsOptions {
  /** Folders of the models, all of the same data set. */
  readonly models: readonly string[];
  /** Folds to pack, all trained folds by default. */
  readonly folds?: readonly (number | "all")[];
  /** File names of the checkpoints to pack, `checkpoint_final.pth` by default. */
  readonly checkpoints?: readonly string[];
  /** Whether to leave out models and folds that are not trained; by default, they are an error. */
  readonly allowMissing?: boolean;
  /**
   * Whether to pack the label maps of validation, cross-validation and ensembles as well; by
   * default, only their scores and postprocessing.
   */
  readonly crossvalPredictions?: boolean;
  /** Called with what is not trained and left out, if anything. */
  readonly onLeftOut?: (paths: readonly string[]) => void;
}

const exportOptions: KnownOptions<ExportModelsOptions> = {
  models: true,
  folds: true,
  checkpoints: true,
  allowMissing: true,
  crossvalPredictions: true,
  onLeftOut: true,
};

/** Files of a model's folder that are packed if they exist. */
const modelFiles = [fileNames.resultPlans, fileNames.dataset, fileNames.fingerprint] as const;
/** Files of a fold, besides checkpoints, that are packed if they exist. */
const foldFiles = [fileNames.onnx, fileNames.progress, fileNames.debug] as const;
/** Files of a folder of scored label maps that are packed if they exist. */
const scoreFiles = [
  fileNames.summary,
  fileNames.postprocessing,
  fileNames.postprocessingReport,
] as const;
/** Files next to the models' folders that are packed if they exist. */
const datasetFiles = [fileNames.inferenceInformation, fileNames.inferenceInstructions] as const;

/**
 * Packs models into a zip file, which is written completely or not at all.
 *
 * @param path Path of the zip file.
 * @param options The models, and which of their folds and checkpoints to pack.
 * @returns Paths of the packed files, relative to `nnUNet_results`.
 * @throws {TypeError} If an option is unknown.
 * @throws {Error} If the path is that of a file of another kind; if a model has no `plans.json`,
 * `dataset.json` or trained fold, or a fold lacks a checkpoint, and `allowMissing` is not set; if
 * nothing is left to pack; or the models are of different data sets.
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
  const { allowMissing = false, crossvalPredictions = false, onLeftOut } = options;
  await requireReplaceable(path, ".zip", "export models");
  const files: { readonly name: string; readonly path: string }[] = [];
  const leftOut: string[] = [];
  const add = async (folder: string, file: string, required: boolean) => {
    const path = join(folder, file);
    if (await exists(path)) files.push({ name: nameIn(path), path });
    else if (required) throw new Error(`Cannot export models: found no ${path}`);
  };
  const addScored = async (folder: string) => {
    const names = crossvalPredictions ? await labelMapsAndScores(folder) : scoreFiles;
    for (const name of names) await add(folder, name, false);
  };
  const datasetFolder = dirname(models[0]);
  const nameIn = (path: string) =>
    basename(datasetFolder) + path.slice(datasetFolder.length).replaceAll("\\", "/");
  const packed: string[] = [];
  for (const model of models) {
    if (dirname(model) !== datasetFolder) {
      throw new Error(`Cannot export models: ${model} and ${models[0]} are in different folders`);
    }
    const trained = await trainedFolds(model, checkpoints[0]);
    const chosen = (folds?.map((fold) => fileNames.fold(fold)) ?? trained).filter((fold) => {
      const isLeftOut = allowMissing && !trained.includes(fold);
      if (isLeftOut && trained.length > 0) leftOut.push(join(model, fold));
      return !isLeftOut;
    });
    if (chosen.length === 0) {
      if (allowMissing) {
        leftOut.push(model);
        continue;
      }
      throw new Error(
        `Cannot export models: found no fold with ${
          checkpoints[0]
        } in ${model}, expected at least one`,
      );
    }
    packed.push(basename(model));
    for (const file of modelFiles) await add(model, file, file !== fileNames.fingerprint);
    for (const fold of chosen) {
      for (const checkpoint of checkpoints) await add(join(model, fold), checkpoint, true);
      for (const file of foldFiles) await add(join(model, fold), file, false);
      await addScored(join(model, fold, fileNames.validation));
    }
    const names = chosen.map((fold) => fold.slice("fold_".length));
    await addScored(join(model, `crossval_results_folds_${names.join("_")}`));
  }
  if (packed.length === 0) {
    throw new Error(`Cannot export models: none of ${leftOut.join(", ")} is trained`);
  }
  for (const ensemble of await ensemblesOf(packed, join(datasetFolder, "ensembles"))) {
    await addScored(ensemble);
  }
  for (const file of datasetFiles) await add(datasetFolder, file, false);
  if (leftOut.length > 0) onLeftOut?.(leftOut);
  await writeZipFile(
    path,
    files.map(({ name, path }): ZipInput => ({ name, content: readPieces(path) })),
  );
  return files.map(({ name }) => name);
}

/** Lists the files of a folder of scored label maps, except probabilities, which are large. */
async function labelMapsAndScores(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of listFolderIfPresent(folder)) {
    if (isFile && !name.startsWith(".") && !/\.(npz|pkl)$/.test(name)) names.push(name);
  }
  if (await exists(join(folder, fileNames.postprocessing))) names.push(fileNames.postprocessing);
  return names.sort();
}

/** Returns the folders of ensembles all of whose models are packed. */
async function ensemblesOf(models: readonly string[], folder: string): Promise<string[]> {
  const folders: string[] = [];
  for await (const { name, isDirectory } of listFolderIfPresent(folder)) {
    // `ensemble___MODEL___MODEL___0_1_2_3_4`
    const [, ...members] = name.split("___").slice(0, -1);
    const isPacked = members.length > 0 && members.every((member) => models.includes(member));
    if (isDirectory && isPacked) folders.push(join(folder, name));
  }
  return folders.sort();
}

async function trainedFolds(model: string, checkpoint: string): Promise<string[]> {
  const folds: string[] = [];
  for await (const { name, isDirectory } of listFolderIfPresent(model)) {
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
