/** Writes files atomically: they appear complete or not at all. */

import { dirname } from "./paths.ts";
import { createFolder, fileInfo, remove, rename, writeFile } from "./files.ts";
import { flushFile, flushFolder } from "./flush.ts";
import { removeLeftovers } from "./leftovers.ts";
import { OpenFile } from "./open_file.ts";
import { temporaryPath } from "./temporary_names.ts";
import { writeError } from "./write_error.ts";

/** The content of a file, in order; each piece is written before the next one is requested. */
export type Pieces = Iterable<Uint8Array>;

/**
 * Fills a temporary file next to the final path and renames it, so that a killed process leaves
 * either the old file or the new one. The content is on the disk before the file is renamed.
 * Missing parent folders are created, and what killed processes left next to the file is removed.
 *
 * @param fill Creates the temporary file.
 * @param needed Bytes of the content, if they are known, for the error of a full disk.
 * @throws {FileError} If writing fails, for example because the disk is full. The temporary file is
 * removed.
 */
export async function fillFileAtomically(
  path: string,
  fill: (partial: string) => Promise<void>,
  needed?: number,
): Promise<void> {
  const folder = dirname(path);
  await createFolder(folder, { recursive: true });
  removeLeftovers(folder);
  const partial = temporaryPath(folder, "partial");
  try {
    await fill(partial);
    await flushFile(partial);
    await rename(partial, path);
    await flushFolder(folder);
  } catch (cause) {
    const written = await fileInfo(partial).then(({ size }) => size, () => 0);
    await remove(partial).catch(() => {}); // It may not exist.
    throw writeError(path, partial, cause, needed ?? { moreThan: written });
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
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return bytes instanceof Uint8Array
    ? fillFileAtomically(path, (partial) => writeFile(partial, bytes), bytes.length)
    : fillFileAtomically(path, (partial) => writePieces(partial, bytes));
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
