/** Paths of the folders in which nnU-Net keeps data sets and models. */

import { join } from "../platform/paths.ts";

/** Paths of nnU-Net's three folders. */
export interface Folders {
  /** `nnUNet_raw` */
  readonly raw: string;
  /** `nnUNet_preprocessed` */
  readonly preprocessed: string;
  /** `nnUNet_results` */
  readonly results: string;
}

/**
 * Returns the paths of nnU-Net's three folders in a common parent folder.
 *
 * @param root The parent folder.
 * @returns The paths; the folders need not exist.
 *
 * @example The folder of data sets
 * ```ts
 * import { foldersIn } from "nnunet";
 * import assert from "node:assert/strict";
 *
 * assert.match(foldersIn("/data").raw, /nnUNet_raw$/);
 * ```
 */
export function foldersIn(root: string): Folders {
  return {
    raw: join(root, "nnUNet_raw"),
    preprocessed: join(root, "nnUNet_preprocessed"),
    results: join(root, "nnUNet_results"),
  };
}
