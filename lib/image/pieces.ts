/** Bytes piece by piece, so that no more than a piece has to be in memory. */

import { takeArray } from "../array/reused_arrays.ts";
import { nextTurn } from "../platform/next_turn.ts";

/** Bytes in order, in pieces of any length. */
export type Pieces = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** Small enough for a core's cache and for a few milliseconds' work, large enough to be few. */
export const pieceBytes = 1 << 19;

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
