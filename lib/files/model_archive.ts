/**
 * Packs trained models into a zip file and unpacks them, compatible with nnU-Net's
 * `export_model_to_zip` and `install_pretrained_model_from_zip`.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/model_sharing/model_export.py, model_import.py
 */

import { writeZipFile, ZipFile, type ZipInput } from "../interop/zip_file.ts";
import type { ZipEntry } from "../interop/zip_headers.ts";
import { basename, dirname, join } from "../platform/paths.ts";
import { OpenFile } from "../platform/open_file.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { AlreadyExistsError } from "./already_exists_error.ts";
import { fileNames } from "./paths.ts";
import { createFolder, exists, fileInfo, listFolder } from "../platform/files.ts";
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

/** Options of {@link installModels}. */
export interface InstallModelsOptions {
  /** Whether to replace existing models; by default, they are an error. */
  readonly overwrite?: boolean;
}

/** Largest ratio of unpacked to packed size: models hardly compress, but zip bombs do. */
const LARGEST_RATIO = 100;

/**
 * Unpacks models into `nnUNet_results`. Each model's folder is written completely or not at all.
 *
 * Archives are not trusted: names outside the folder and zip bombs are rejected before any file is
 * written.
 *
 * @param path Path of the zip file.
 * @param results The folder `nnUNet_results`.
 * @param options Whether to replace existing models.
 * @returns Folders of the installed models.
 * @throws {TypeError} If an option is unknown.
 * @throws {SyntaxError} If the file is not a zip archive, is damaged or contains no model.
 * @throws {RangeError} If a name is outside the folder, or the archive is a zip bomb.
 * @throws {AlreadyExistsError} If a model exists already and `overwrite` is not set.
 *
 * @example Unpacking a model into `nnunet/nnUNet_results`
 * ```ts ignore
 * import { foldersIn, installModels } from "nnunet";
 *
 * const [model] = await installModels("hippocampus.zip", foldersIn("nnunet").results);
 * ```
 */
export async function installModels(
  path: string,
  results: string,
  options: InstallModelsOptions = {},
): Promise<string[]> {
  requireKnown(options, { overwrite: true }, "install models");
  const { overwrite = false } = options;
  using zip = await ZipFile.open(path);
  const fail = (found: string): never => {
    throw new RangeError(`Cannot install ${path}: ${found}`);
  };
  const entries = [...zip.entries.values()].filter(({ name }) => !name.endsWith("/"));
  for (const { name } of entries) {
    if (!staysInside(name)) fail(`"${name}" is outside the target folder`);
  }
  const { size: packed } = await fileInfo(path);
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  if (sum(entries.map(({ compressedSize }) => compressedSize)) > packed) {
    fail("its files overlap");
  }
  const unpacked = sum(entries.map(({ size }) => size));
  if (unpacked > LARGEST_RATIO * packed) {
    fail(
      `${packed} bytes would become ${unpacked}, expected at most ${LARGEST_RATIO} times as many`,
    );
  }
  const models = Map.groupBy(
    entries.filter(({ name }) => name.split("/").length > 2),
    ({ name }) => name.split("/", 2).join("/"),
  );
  const plain = [...models].filter(([, files]) =>
    files.some(({ name }) => basename(name) === fileNames.resultPlans)
  );
  if (plain.length === 0) {
    throw new SyntaxError(
      `Cannot install ${path}: found no model, expected ` +
        `DATASET/TRAINER__PLANS__CONFIGURATION/${fileNames.resultPlans}`,
    );
  }
  const folders = plain.map(([name]) => join(results, name));
  for (const folder of overwrite ? [] : folders) {
    if (await exists(folder)) {
      throw new AlreadyExistsError(
        folder,
        `Cannot install ${path}: ${folder} exists`,
        "overwrite",
      );
    }
  }
  for (const [name, files] of plain) {
    const folder = join(results, name);
    await createFolder(dirname(folder), { recursive: true });
    await writeFolderAtomically(folder, async (partial) => {
      for (const file of files) {
        await unpack(zip, file, join(partial, file.name.slice(name.length + 1)));
      }
    }, { overwrite });
  }
  return folders;
}

/** Returns whether a name refers to a file inside the folder it is unpacked to. */
function staysInside(name: string): boolean {
  return !/[\\:\0]/.test(name) &&
    name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

async function unpack(zip: ZipFile, entry: ZipEntry, to: string): Promise<void> {
  await createFolder(dirname(to), { recursive: true });
  using file = await OpenFile.create(to);
  for await (const piece of zip.read(entry)) await file.write(piece);
}
