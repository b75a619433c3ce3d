/** Files appear whole or not at all. */

import { basename, dirname, join } from "@std/path";

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
  await Deno.mkdir(folder, { recursive: true });
  // Hidden, so that a listing of cases never sees a half-written one.
  const partial = join(folder, `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.partial`);
  try {
    if (typeof content === "string") await Deno.writeTextFile(partial, content);
    else if (content instanceof Uint8Array) await Deno.writeFile(partial, content);
    else await writePieces(partial, content);
    await Deno.rename(partial, path);
  } catch (cause) {
    await Deno.remove(partial).catch(() => {}); // It may never have been made.
    throw new Error(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function writePieces(path: string, pieces: Pieces) {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let piece of pieces) {
    // A millisecond's work, and another thread would have to fetch the piece into its own cache.
    while (piece.length > 0) piece = piece.subarray(file.writeSync(piece));
  }
}

/** Writes a value as indented JSON, whole or not at all. */
export function writeJsonAtomically(path: string, value: unknown) {
  return writeFileAtomically(path, JSON.stringify(value, null, 4) + "\n");
}
