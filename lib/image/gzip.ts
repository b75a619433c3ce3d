/**
 * Gzip and zlib data in slices, so that timers, signals and displays go on while a large scan is unpacked.
 *
 * Deno runs even the asynchronous calls of `node:zlib` on the calling thread: one call over a whole
 * scan stops everything else for its full length.
 */

import { Buffer } from "node:buffer";
import { pipeline } from "node:stream";
import { pipeline as pipelineDone } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createDeflate, createGzip, createUnzip, type Deflate, type Gzip } from "node:zlib";
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
  const unzip = createUnzip({ chunkSize: pieceBytes });
  // Whatever goes wrong reaches the loop below through `unzip`.
  pipeline(packed, unzip, () => {});
  for await (const { buffer, byteOffset, length } of unzip) {
    // Not the Node.js buffer itself, whose `slice()` does not copy.
    yield new Uint8Array(buffer, byteOffset, length);
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
  return pack(content, createGzip({ level, chunkSize: pieceBytes }));
}

/** Packs bytes as zlib data, without gzip's frame. */
export function deflate(
  content: Uint8Array<ArrayBuffer>,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return pack(content, createDeflate({ level, chunkSize: pieceBytes }));
}

async function pack(
  content: Uint8Array<ArrayBuffer>,
  packer: Gzip | Deflate,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed: Uint8Array[] = [];
  await pipelineDone(piecesOf(content), packer, async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) packed.push(chunk);
  });
  return new Uint8Array(Buffer.concat(packed));
}
