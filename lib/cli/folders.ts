/** Locates nnU-Net's folders for the command line. */

import { type Folders, foldersIn } from "../files/folders.ts";

/**
 * Returns the folders in `root`, or those named by nnU-Net's environment variables.
 *
 * @throws {Error} If `root` is undefined and a variable is not set.
 */
export function resolveFolders(root: string | undefined): Folders {
  if (root !== undefined) return foldersIn(root);
  const variable = (name: string) => {
    const value = Deno.env.get(name);
    if (value) return value;
    throw new Error(
      `Cannot find nnU-Net's folders: ${name} is not set; pass --root DIR, or set nnUNet_raw, ` +
        "nnUNet_preprocessed and nnUNet_results",
    );
  };
  return {
    raw: variable("nnUNet_raw"),
    preprocessed: variable("nnUNet_preprocessed"),
    results: variable("nnUNet_results"),
  };
}
