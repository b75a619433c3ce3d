/** Files and what is in them piece by piece, so that no more than a piece need be in memory. */

import { takeArray } from "../array/reused_arrays.ts";
import { nextTurn } from "../platform/next_turn.ts";
import { OpenFile } from "../platform/open_file.ts";

/** Bytes in order, in pieces of any length. */
export type Pieces = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** Small enough for a core's cache and for a few milliseconds' work, large enough to be few. */
export const pieceBytes = 1 << 19;

/**
 * A file's bytes; it is opened when they are asked for.
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

/** Bytes in memory; other work runs between two pieces. */
export async function* piecesOf(
  bytes: Uint8Array<ArrayBuffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    yield bytes.subarray(start, start + pieceBytes);
    await nextTurn();
  }
}

/**
 * Bytes `begin` to `end` of what pieces hold. The rest is gone through as well, so that damage is
 * noticed wherever it is.
 *
 * @throws What `short` makes of the bytes found, if there are fewer than `end`.
 */
export async function* partOf(
  pieces: Pieces,
  begin: number,
  end: number,
  short: (found: number) => Error,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let position = 0;
  for await (const piece of pieces) {
    const part = piece.subarray(Math.max(0, begin - position), Math.max(0, end - position));
    position += piece.length;
    if (part.length > 0) yield part;
  }
  if (position < end) throw short(position);
}

/** Bytes in one piece: as many as asked for, fewer if there are fewer. Goes through all pieces. */
export async function joinPieces(
  pieces: Pieces,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const joined = takeArray(Uint8Array<ArrayBuffer>, length);
  let filled = 0;
  for await (const piece of pieces) {
    const part = piece.subarray(0, length - filled);
    joined.set(part, filled);
    filled += part.length;
  }
  return joined.subarray(0, filled);
}

/** The same bytes in pieces that end where elements of some bytes end, but for the last. */
export async function* wholeElements(
  pieces: Pieces,
  elementBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let rest = new Uint8Array(0);
  for await (let piece of pieces) {
    if (rest.length > 0) {
      const joined = new Uint8Array(rest.length + piece.length);
      joined.set(rest);
      joined.set(piece, rest.length);
      piece = joined;
    }
    const whole = piece.length - piece.length % elementBytes;
    rest = piece.slice(whole);
    if (whole > 0) yield piece.subarray(0, whole);
  }
  if (rest.length > 0) yield rest;
}
