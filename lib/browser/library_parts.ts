/** Makes the files that a page needs to use `nnunet/browser`. */

import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { copyFile, exists, writeFile } from "../platform/files.ts";
import { dirname, join } from "../platform/paths.ts";
import { bundleModules, pageParts, partNames } from "./bundle.ts";
import { libraryFileNames } from "./parts_address.ts";

/**
 * Returns the folder with the files of `nnunet/browser`: a script that defines the global `nnunet`,
 * the script of its workers, and the parts of the pages that it exports, which are also its own. They
 * are made if need be.
 *
 * @throws {Error} If `deno bundle` fails; the message says what to do.
 */
export async function libraryParts(): Promise<string> {
  const parts = await pageParts(); // Its name has the hash of the sources.
  const folder = join(dirname(parts), "..", "library", parts.slice(dirname(parts).length + 1));
  if (await exists(folder)) return folder;
  const scripts = await bundleModules({
    [libraryFileNames.library]: "lib/browser/global",
    [libraryFileNames.workers]: "lib/browser/library_workers",
  });
  await writeFolderAtomically(folder, async (partial) => {
    for (const name of partNames) await copyFile(join(parts, name), join(partial, name));
    for (const [name, script] of scripts) await writeFile(join(partial, name), script);
  }, { overwrite: true }); // Another process may have been faster.
  return folder;
}
