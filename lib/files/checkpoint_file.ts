/** nnU-Net's checkpoints on disk. */

import {
  decodeCheckpoint,
  encodeCheckpoint,
  type NnunetCheckpoint,
} from "../interop/nnunet_checkpoint.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { readFile } from "../platform/files.ts";

/**
 * Writes a checkpoint that nnU-Net v2 can load, whole or not at all.
 *
 * @throws {Error} With the path in its message, if it cannot be encoded or written.
 */
export async function writeCheckpoint(path: string, checkpoint: NnunetCheckpoint) {
  let bytes: Uint8Array;
  try {
    bytes = encodeCheckpoint(checkpoint);
  } catch (cause) {
    throw new Error(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  await writeFileAtomically(path, bytes);
}

/**
 * Reads a checkpoint of ours or of nnU-Net v2; nothing in the file is run.
 *
 * @throws {Error} With the path in its message, `cause` the reason.
 */
export async function readCheckpoint(path: string): Promise<NnunetCheckpoint> {
  try {
    return decodeCheckpoint(await readFile(path));
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
