/**
 * Unpacks trained models from a zip file, as nnU-Net's `install_pretrained_model_from_zip` does.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/model_sharing/model_import.py
 */

import { AlreadyExistsError } from "../files/already_exists_error.ts";
import { fileNames } from "../files/paths.ts";
import { ZipFile } from "../interop/zip_file.ts";
import type { ZipEntry } from "../interop/zip_headers.ts";
import { reasonOf } from "../options/reason_of.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { createFolder, exists, fileInfo } from "../platform/files.ts";
import { OpenFile } from "../platform/open_file.ts";
import { basename, dirname, join } from "../platform/paths.ts";
import { MAX_ZIP_RATIO } from "../untrusted/limits.ts";
import { requireUsableModel } from "./check_model.ts";
import { isModelFile, isModelFolder } from "./model_files.ts";

/** Options of {@link installModels}. */
export interface InstallModelsOptions {
  /** Whether to replace existing models; by default, they are an error. */
  readonly overwrite?: boolean;
  /** Called once, before anything is written, with the files that belong to no model, if any. */
  readonly onLeftOut?: (names: readonly string[]) => void;
}

const installOptions: KnownOptions<InstallModelsOptions> = { overwrite: true, onLeftOut: true };

/** A model in an archive. */
interface PackedModel {
  /** `DATASET/TRAINER__PLANS__CONFIGURATION` */
  readonly name: string;
  readonly files: readonly ZipEntry[];
}

/**
 * Unpacks models into `nnUNet_results`.
 *
 * Archives are not trusted. Names outside the folder, links, names that some systems take for the
 * same and zip bombs are rejected before any file is written. Only files that a model consists of
 * are unpacked, and no model is put in place before all of them are known to be usable: plans and
 * `dataset.json` can be read, and all weights fit the plans. A failure leaves existing models as
 * they are.
 *
 * @param path Path of the zip file.
 * @param results The folder `nnUNet_results`.
 * @param options Whether to replace existing models, and whom to tell what is left out.
 * @returns Folders of the installed models.
 * @throws {TypeError} If an option is unknown.
 * @throws {SyntaxError} If the file is not a zip archive, is damaged or contains no model.
 * @throws {RangeError} If a name is outside the folder or occurs twice, or the archive is a zip
 * bomb.
 * @throws {AlreadyExistsError} If a model exists already and `overwrite` is not set.
 * @throws {Error} If a model cannot be used; the cause says why.
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
  requireKnown(options, installOptions, "install models");
  return await installChecked(path, results, options);
}

/**
 * Does what {@link installModels} does.
 *
 * @param beforePlacing Called when all models are unpacked and known to be usable, and none is in
 * place yet.
 */
export async function installChecked(
  path: string,
  results: string,
  { overwrite = false, onLeftOut }: InstallModelsOptions,
  beforePlacing?: () => Promise<void>,
): Promise<string[]> {
  using zip = await ZipFile.open(path);
  const entries = [...zip.entries.values()].filter(({ name }) => !name.endsWith("/"));
  requireHarmless(path, entries, (await fileInfo(path)).size);
  const models = modelsAmong(entries);
  if (models.length === 0) {
    throw new SyntaxError(
      `Cannot install ${path}: found no model, expected ` +
        `DatasetNNN_NAME/TRAINER__PLANS__CONFIGURATION/${fileNames.resultPlans}`,
    );
  }
  const installed = new Set(models.flatMap(({ files }) => files));
  const leftOut = entries.filter((entry) => !installed.has(entry)).map(({ name }) => name);
  if (leftOut.length > 0) onLeftOut?.(leftOut);
  const folders = models.map(({ name }) => join(results, name));
  for (const folder of overwrite ? [] : folders) {
    if (await exists(folder)) {
      throw new AlreadyExistsError(
        folder,
        `Cannot install ${path}: ${folder} exists`,
        "overwrite",
      );
    }
  }
  // Each model is put in place after those that follow it, so that all are checked before.
  const install = async ([model, ...others]: readonly PackedModel[]): Promise<void> => {
    if (!model) return await beforePlacing?.();
    const folder = join(results, model.name);
    await createFolder(dirname(folder), { recursive: true });
    await writeFolderAtomically(folder, async (partial) => {
      for (const file of model.files) {
        await unpack(zip, file, join(partial, file.name.slice(model.name.length + 1)));
      }
      try {
        await requireUsableModel(partial, basename(folder));
      } catch (cause) {
        const reason = reasonOf(cause).replaceAll(partial, model.name);
        throw new Error(`Cannot install ${path}: ${model.name} cannot be used: ${reason}`, {
          cause,
        });
      }
      await install(others);
    }, { overwrite });
  };
  await install(models);
  return folders;
}

/** @throws {RangeError} If unpacking files could write elsewhere, twice or without end. */
function requireHarmless(path: string, entries: readonly ZipEntry[], packed: number): void {
  const fail = (found: string): never => {
    throw new RangeError(`Cannot install ${path}: ${found}`);
  };
  const names = new Map<string, string>();
  for (const { name } of entries) {
    if (!staysInside(name)) fail(`${JSON.stringify(name)} is outside the target folder`);
    // Systems differ in whether letters of other case, or composed otherwise, make another name.
    const folded = name.normalize("NFKC").toLowerCase();
    const same = names.get(folded);
    if (same !== undefined) {
      fail(`${JSON.stringify(same)} and ${JSON.stringify(name)} are the same file on some systems`);
    }
    names.set(folded, name);
  }
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  if (sum(entries.map(({ compressedSize }) => compressedSize)) > packed) {
    fail("its files overlap");
  }
  const unpacked = sum(entries.map(({ size }) => size));
  if (unpacked > MAX_ZIP_RATIO * packed) {
    fail(
      `${packed} bytes would become ${unpacked}, expected at most ${MAX_ZIP_RATIO} times as many`,
    );
  }
}

/** Returns whether a name refers to a file inside the folder it is unpacked to. */
function staysInside(name: string): boolean {
  return !/[\\:\0]/.test(name) &&
    name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Groups the files of models by their folders. */
function modelsAmong(entries: readonly ZipEntry[]): PackedModel[] {
  const folders = Map.groupBy(entries, ({ name }) => name.split("/", 2).join("/"));
  return [...folders].flatMap(([name, all]) => {
    const files = all.filter((file) => isModelFile(file.name.slice(name.length + 1)));
    const hasPlans = files.some((file) => file.name === `${name}/${fileNames.resultPlans}`);
    return isModelFolder(name) && hasPlans ? [{ name, files }] : [];
  });
}

async function unpack(zip: ZipFile, entry: ZipEntry, to: string): Promise<void> {
  await createFolder(dirname(to), { recursive: true });
  using file = await OpenFile.create(to);
  for await (const piece of zip.read(entry)) await file.write(piece);
}
