/** Locates nnU-Net's folders for the command line. */

import { type Folders, foldersIn } from "../files/folders.ts";
import { UsageError } from "./exit_codes.ts";
import { expandHome } from "./user_paths.ts";

/** nnU-Net's environment variables, by the folder that each names. */
const variables = {
  raw: "nnUNet_raw",
  preprocessed: "nnUNet_preprocessed",
  results: "nnUNet_results",
} as const satisfies Record<keyof Folders, string>;

/**
 * Returns the folders in `root`, or those named by nnU-Net's environment variables.
 *
 * @throws {UsageError} If `root` is undefined and a variable is not set.
 */
export function resolveFolders(root: string | undefined): Folders {
  if (root !== undefined) return foldersIn(root);
  const [raw, preprocessed, results] = (["raw", "preprocessed", "results"] as const).map((name) =>
    fromVariable(name)
  );
  return { raw, preprocessed, results };
}

/**
 * Returns one of the folders, so that commands that need no other work without the others.
 *
 * @throws {UsageError} If `root` is undefined and the folder's variable is not set.
 */
export function resolveFolder(name: keyof Folders, root: string | undefined): string {
  return root === undefined ? fromVariable(name) : foldersIn(root)[name];
}

/** Returns one of the folders; undefined if neither `root` nor its variable says where it is. */
export function folderIfSet(name: keyof Folders, root: string | undefined): string | undefined {
  if (root !== undefined) return foldersIn(root)[name];
  const value = Deno.env.get(variables[name]);
  return value ? expandHome(value) : undefined;
}

function fromVariable(name: keyof Folders): string {
  const folder = folderIfSet(name, undefined);
  if (folder !== undefined) return folder;
  throw new UsageError(
    `Cannot find nnU-Net's folders: ${variables[name]} is not set; pass --root DIR, or set ` +
      "nnUNet_raw, nnUNet_preprocessed and nnUNet_results",
  );
}
