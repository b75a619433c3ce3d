/** Packs and unpacks gzip and zlib data in pieces, yielding to the event loop between them. */

import { nextTurn } from "../platform/next_turn.ts";
import * as zlib from "../platform/zlib.ts";
import { joinPieces, pieceBytes, type Pieces, piecesOf } from "./pieces.ts";

/** The highest compression ratio that deflate can reach. */
const maximalRatio = 1032;

/** Whether data begins with gzip's magic bytes. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Upper bound of the unpacked length of packed data, in bytes. */
export function maximalUnpackedBytes(packedBytes: number): number {
  return packedBytes * maximalRatio;
}

/**
 * Unpacks gzip or zlib data to its end, including the check of its checksum.
 *
 * @throws {Error} If the data is damaged or truncated.
 * @throws What `packed` throws.
 */
export async function* unpackPieces(packed: Pieces): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const piece of zlib.unpackPieces(packed, pieceBytes)) {
    yield piece;
    await nextTurn();
  }
}

/**
 * Unpacks gzip or zlib data to its end, but keeps only the first `length` bytes.
 *
 * @param length Bytes to keep, at most {@link maximalUnpackedBytes}: they are allocated at once.
 * @returns `length` bytes, or fewer if the data has fewer.
 * @throws {Error} If the data is damaged or truncated.
 */
export function unpack(
  packed: Uint8Array<ArrayBuffer>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return joinPieces(unpackPieces(piecesOf(packed)), length);
}

/** Packs bytes with gzip, at a level from 1 (fast) to 9 (small), without a modification time. */
export function gzip(
  content: Uint8Array<ArrayBuffer>,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return collect(zlib.gzipPieces(piecesOf(content), level, pieceBytes));
}

/** Packs bytes as zlib data, at a level from 1 (fast) to 9 (small). */
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
