/** Downloads and installs trained models, as nnU-Net's `download_pretrained_model_by_url` does. */

import { AlreadyExistsError } from "../files/already_exists_error.ts";
import { fileNames } from "../files/paths.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { downloadFile, type DownloadOptions } from "../platform/download_file.ts";
import { FileError } from "../platform/file_error.ts";
import { acquireLock } from "../platform/file_lock.ts";
import { createFolder, removeIfPresent } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { shortHash } from "../platform/short_hash.ts";
import { printable } from "../untrusted/printable.ts";
import { installChecked, type InstallModelsOptions } from "./install_models.ts";

/** Options of {@link downloadModels}. */
export interface DownloadModelsOptions extends InstallModelsOptions, DownloadOptions {}

const downloadOptions: KnownOptions<DownloadModelsOptions> = {
  overwrite: true,
  onLeftOut: true,
  signal: true,
  onProgress: true,
  onResume: true,
};

/**
 * Downloads a zip file of models and unpacks it into `nnUNet_results`, with the checks of
 * `installModels()`. A download that was stopped continues where it ended if it is started again
 * with the same address and the server still has the same file.
 *
 * @param url Address of the zip file, `http://` or `https://`.
 * @param results The folder `nnUNet_results`.
 * @param options Whether to replace existing models, and how to observe and abort the download.
 * @returns Folders of the installed models.
 * @throws {TypeError} If an option is unknown, or the address is another.
 * @throws {NetworkDeniedError} If this process may not use the network.
 * @throws {LockedError} If another process is downloading the same address.
 * @throws {AlreadyExistsError} If a model exists already and `overwrite` is not set; the download is
 * kept for the next call.
 * @throws {Error} If the server cannot be reached or answers with an error, or as
 * `installModels()` does.
 * @throws The signal's reason, if it is aborted; what has arrived is kept.
 *
 * @example Installing a published model
 * ```ts ignore
 * import { downloadModels, foldersIn } from "nnunet";
 *
 * const { results } = foldersIn("nnunet");
 * const [model] = await downloadModels("https://example.org/hippocampus.zip", results);
 * ```
 */
export async function downloadModels(
  url: string,
  results: string,
  options: DownloadModelsOptions = {},
): Promise<string[]> {
  requireKnown(options, downloadOptions, "download models");
  const { overwrite, onLeftOut, ...download } = options;
  await createFolder(results, { recursive: true });
  const folder = join(results, fileNames.unfinished(`download_${shortHash(url, 16)}`));
  await using _lock = await acquireLock(`${folder}.lock`, {
    action: `download ${printable(url)}`,
  });
  const archive = await downloadFile(url, folder, download);
  try {
    // The download is removed before a model is in place: a call that is killed in between leaves one
    // to download again, not one that seems to be another's.
    return await installChecked(
      ...[archive, results, { overwrite, onLeftOut }] as const,
      () => removeIfPresent(folder, { recursive: true }),
    );
  } catch (error) {
    // What is wrong with the archive itself would be wrong again.
    const isFine = error instanceof AlreadyExistsError || error instanceof FileError ||
      (error instanceof Error && error.cause instanceof FileError);
    if (!isFine) await removeIfPresent(folder, { recursive: true });
    throw error;
  }
}
