/** Reads and writes nnU-Net's checkpoint files. */

import {
  decodeCheckpoint,
  encodeCheckpoint,
  type NnunetCheckpoint,
} from "../interop/nnunet_checkpoint.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { readFile } from "../platform/files.ts";
import { reasonOf } from "../options/reason_of.ts";

/**
 * Writes a checkpoint that nnU-Net v2 can load, completely or not at all.
 *
 * @throws {Error} If it cannot be encoded or written; the message names the path.
 */
export async function writeCheckpoint(path: string, checkpoint: NnunetCheckpoint) {
  let bytes: Uint8Array;
  try {
    bytes = encodeCheckpoint(checkpoint);
  } catch (cause) {
    throw new Error(`Cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
  await writeFileAtomically(path, bytes);
}

/**
 * Reads a checkpoint written by this library or nnU-Net v2, without executing code in the file.
 *
 * @param path A file such as `checkpoint_final.pth`.
 * @returns Weights, optimiser and log.
 * @throws {Error} If the file cannot be read or decoded; the message names the path.
 *
 * @example
 * ```ts ignore
 * import { readCheckpoint } from "nnunet/parts";
 *
 * const { networkWeights } = await readCheckpoint("fold_0/checkpoint_final.pth");
 * ```
 */
export async function readCheckpoint(path: string): Promise<NnunetCheckpoint> {
  try {
    return decodeCheckpoint(await readFile(path));
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}
