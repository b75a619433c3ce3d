/** Processes bytes in pieces, so that not all of them have to be in memory. */

import { takeArray } from "../array/reused_arrays.ts";
import { nextTurn } from "../platform/next_turn.ts";

/** Bytes in order, in pieces of any length. */
export type Pieces = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** Size of a piece: it fits a core's cache and takes milliseconds to process, yet few are needed. */
export const pieceBytes = 1 << 19;

/** Splits bytes in memory into pieces, yielding to the event loop between them. */
export async function* piecesOf(
  bytes: Uint8Array<ArrayBuffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    yield bytes.subarray(start, start + pieceBytes);
    await nextTurn();
  }
}

/**
 * Bytes `begin` to `end` of a sequence of pieces. The remaining pieces are read, too, so that
 * damage is noticed anywhere in them.
 *
 * @param tooShort Returns the error to throw, given the number of bytes found.
 * @throws What `tooShort` returns if there are fewer than `end` bytes.
 */
export async function* partOf(
  pieces: Pieces,
  begin: number,
  end: number,
  tooShort: (found: number) => Error,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let position = 0;
  for await (const piece of pieces) {
    const part = piece.subarray(Math.max(0, begin - position), Math.max(0, end - position));
    position += piece.length;
    if (part.length > 0) yield part;
  }
  if (position < end) throw tooShort(position);
}

/** Joins the first `length` bytes, or fewer if there are fewer. Reads all pieces. */
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

/** Splits the same bytes so that all pieces but the last have whole elements of `elementBytes`. */
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
