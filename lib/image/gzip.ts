/** Gzip and zlib data in pieces, between which timers, signals and displays get their turn. */

import { nextTurn } from "../platform/next_turn.ts";
import * as zlib from "../platform/zlib.ts";
import { joinPieces, pieceBytes, type Pieces, piecesOf } from "./pieces.ts";

/** Deflate cannot pack a byte of zeros tighter than this. */
const maximalRatio = 1032;

/** Whether data begins as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The most bytes that packed data of a given length can hold. */
export function maximalUnpackedBytes(packedBytes: number): number {
  return packedBytes * maximalRatio;
}

/**
 * Unpacks gzip or zlib data to the very end, checksum included.
 *
 * @throws {Error} If the data is damaged or ends early, or what `packed` throws.
 */
export async function* unpackPieces(packed: Pieces): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const piece of zlib.unpackPieces(packed, pieceBytes)) {
    yield piece;
    await nextTurn();
  }
}

/**
 * Unpacks gzip or zlib data to the very end, but keeps no more than the bytes asked for. Never ask
 * for more than {@link maximalUnpackedBytes}: that much memory is taken at once.
 *
 * @returns Fewer bytes if the data holds fewer.
 * @throws {Error} If the data is damaged or ends early.
 */
export function unpack(
  packed: Uint8Array<ArrayBuffer>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return joinPieces(unpackPieces(piecesOf(packed)), length);
}

/** Packs bytes with gzip; levels go from 1 (fast) to 9 (small). The result names no time. */
export function gzip(
  content: Uint8Array<ArrayBuffer>,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return collect(zlib.gzipPieces(piecesOf(content), level, pieceBytes));
}

/** Packs bytes as zlib data, without gzip's frame. */
export function deflate(
  content: Uint8Array<ArrayBuffer>,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return collect(zlib.deflatePieces(piecesOf(content), level, pieceBytes));
}

async function collect(pieces: Pieces): Promise<Uint8Array<ArrayBuffer>> {
  const collected = await Array.fromAsync(pieces);
  const joined = new Uint8Array(collected.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const piece of collected) {
    joined.set(piece, filled);
    filled += piece.length;
  }
  return joined;
}
