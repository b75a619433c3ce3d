/** Reads image files as a whole or in pieces, with errors that name the file. */

import { readFile } from "../platform/files.ts";
import { OpenFile } from "../platform/open_file.ts";
import { pieceBytes } from "./pieces.ts";

/**
 * Reads a whole file.
 *
 * @throws {Error} If it cannot be read; the message names the file.
 */
export async function readContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Reads a file in pieces; it is opened when the first piece is requested.
 *
 * @throws {Error} If it cannot be read; the message names the file.
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
