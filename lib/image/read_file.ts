/** Reads image files entirely or in pieces, with errors that name the file. */

import { readFile } from "../platform/files.ts";
import { OpenFile } from "../platform/open_file.ts";
import { dirname, join } from "../platform/paths.ts";
import { readSpacing } from "../files/spacing_file.ts";
import type { FileStart, ImageSource } from "./image_source.ts";
import { pieceBytes } from "./pieces.ts";
import { reasonOf } from "../options/reason_of.ts";

/** Returns a source that reads the file at a path; it is opened for each call. */
export function fileSource(path: string): ImageSource {
  return {
    path,
    readStart: (count) => readStart(path, count),
    readAll: () => readContent(path),
    pieces: () => filePieces(path),
    readSpacing: () => readSpacing(path),
    sibling: (name) => fileSource(join(dirname(path), name)),
  };
}

/**
 * Reads a whole file.
 *
 * @throws {Error} If it cannot be read; the message names the file.
 */
export async function readContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Reads a file in pieces; it is opened when the first piece is requested.
 *
 * @throws {Error} If it cannot be read; the message names the file.
 */
async function* filePieces(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    using file = await OpenFile.read(path);
    while (true) {
      const piece = new Uint8Array(pieceBytes);
      const count = await file.readSome(piece);
      if (count === null) return;
      yield piece.subarray(0, count);
    }
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

async function readStart(path: string, count: number): Promise<FileStart> {
  try {
    using file = await OpenFile.read(path);
    const start = new Uint8Array(count);
    const filled = await file.fill(start);
    return { start: start.subarray(0, filled), size: await file.size() };
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}
