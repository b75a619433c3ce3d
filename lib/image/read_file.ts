/** Image files read whole or piece by piece, with errors that name them. */

import { readFile } from "../platform/files.ts";
import { OpenFile } from "../platform/open_file.ts";
import { pieceBytes } from "./pieces.ts";

/** Reads a whole file. @throws {Error} Naming the file, if it cannot be read. */
export async function readContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Reads a file piece by piece; it is opened when the first piece is asked for.
 *
 * @throws {Error} Naming the file, if it cannot be read.
 */
export async function* filePieces(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    using file = await OpenFile.read(path);
    while (true) {
      const piece = new Uint8Array(pieceBytes);
      const count = await file.readSome(piece);
      if (count === null) return;
      yield piece.subarray(0, count);
    }
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
