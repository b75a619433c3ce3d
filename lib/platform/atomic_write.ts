/** Writes files atomically: they appear complete or not at all. */

import { basename, dirname, join } from "./paths.ts";
import { createFolder, remove, rename, writeFile, writeTextFile } from "./files.ts";
import { OpenFile } from "./open_file.ts";
import { reasonOf } from "../options/reason_of.ts";

/** The content of a file, in order; each piece is written before the next one is requested. */
export type Pieces = Iterable<Uint8Array>;

/**
 * Fills a temporary file next to the final path and renames it, so that a killed process leaves
 * either the old file or the new one. Missing parent folders are created.
 *
 * @param fill Creates the temporary file.
 * @throws {Error} If writing fails, for example because the disk is full. The message contains the
 * path, `cause` is the system's error, and the temporary file is removed.
 */
export async function fillFileAtomically(
  path: string,
  fill: (partial: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  await createFolder(folder, { recursive: true });
  // Hidden, so that listings of cases omit it.
  const partial = join(folder, `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.partial`);
  try {
    await fill(partial);
    await rename(partial, path);
  } catch (cause) {
    await remove(partial).catch(() => {}); // It may not exist.
    throw new Error(`Cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Writes a file as {@link fillFileAtomically} does.
 *
 * @throws As {@link fillFileAtomically}.
 */
export function writeFileAtomically(
  path: string,
  content: Uint8Array | string | Pieces,
): Promise<void> {
  return fillFileAtomically(path, (partial) => {
    if (typeof content === "string") return writeTextFile(partial, content);
    if (content instanceof Uint8Array) return writeFile(partial, content);
    return writePieces(partial, content);
  });
}

async function writePieces(path: string, pieces: Pieces) {
  using file = await OpenFile.create(path);
  // Each takes about a millisecond, and another thread would have to load the piece into its cache.
  for (const piece of pieces) file.writeSync(piece);
}

/** Writes a value as indented JSON, atomically. */
export function writeJsonAtomically(path: string, value: unknown) {
  return writeFileAtomically(path, JSON.stringify(value, null, 4) + "\n");
}
