/** Files appear whole or not at all. */

import { basename, dirname, join } from "./paths.ts";
import { createFolder, remove, rename, writeFile, writeTextFile } from "./files.ts";
import { OpenFile } from "./open_file.ts";

/** What a file is to hold, in order; each piece is written before the next is asked for. */
export type Pieces = Iterable<Uint8Array>;

/**
 * Writes a file beside its final place and renames it, so that a kill at any moment leaves the
 * old file or the new one. Missing parent folders are made.
 *
 * @throws {Error} With the path in its message, `cause` the system's error (disk full, no
 * permission); the partial file is removed.
 */
export async function writeFileAtomically(
  path: string,
  content: Uint8Array | string | Pieces,
) {
  const folder = dirname(path);
  await createFolder(folder, { recursive: true });
  // Hidden, so that a listing of cases never sees a half-written one.
  const partial = join(folder, `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.partial`);
  try {
    if (typeof content === "string") await writeTextFile(partial, content);
    else if (content instanceof Uint8Array) await writeFile(partial, content);
    else await writePieces(partial, content);
    await rename(partial, path);
  } catch (cause) {
    await remove(partial).catch(() => {}); // It may never have been made.
    throw new Error(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function writePieces(path: string, pieces: Pieces) {
  using file = await OpenFile.create(path);
  // A millisecond's work each, and another thread would have to fetch the piece into its own cache.
  for (const piece of pieces) file.writeSync(piece);
}

/** Writes a value as indented JSON, whole or not at all. */
export function writeJsonAtomically(path: string, value: unknown) {
  return writeFileAtomically(path, JSON.stringify(value, null, 4) + "\n");
}
