/**
 * Gzip, zlib and plain deflate data.
 *
 * Asynchronous functions take and give pieces, so that other work runs in between: Deno runs even
 * the asynchronous calls of `node:zlib` on the calling thread, and one call over a whole scan would
 * stop everything else for its full length.
 */

import { pipeline, type Transform } from "node:stream";
import {
  constants,
  crc32 as zlibCrc32,
  createDeflate,
  createDeflateRaw,
  createGzip,
  createInflateRaw,
  createUnzip,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from "node:zlib";

/** Bytes in order, in pieces of any length. */
type Pieces = AsyncIterable<Uint8Array>;

/** What comes out, piece by piece. */
type Output = AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;

/**
 * Unpacks gzip or zlib data to the very end, checksum included.
 *
 * @param pieceBytes Largest piece that comes out.
 * @throws {Error} If the data is damaged or ends early, or what `packed` throws.
 */
export function unpackPieces(packed: Pieces, pieceBytes: number): Output {
  return through(packed, createUnzip({ chunkSize: pieceBytes }));
}

/** Packs pieces with gzip; levels go from 1 (fast) to 9 (small). The result names no time. */
export function gzipPieces(content: Pieces, level: number, pieceBytes: number): Output {
  return through(content, createGzip({ level, chunkSize: pieceBytes }));
}

/** Packs pieces as zlib data, without gzip's frame. */
export function deflatePieces(content: Pieces, level: number, pieceBytes: number): Output {
  return through(content, createDeflate({ level, chunkSize: pieceBytes }));
}

/** Packs pieces without any frame, as zip archives hold them. */
export function deflateRawPieces(content: Pieces, level: number, pieceBytes: number): Output {
  return through(content, createDeflateRaw({ level, chunkSize: pieceBytes }));
}

/** Unpacks data without any frame; throws as {@link unpackPieces}. */
export function inflateRawPieces(packed: Pieces, pieceBytes: number): Output {
  return through(packed, createInflateRaw({ chunkSize: pieceBytes }));
}

async function* through(pieces: Pieces, stream: Transform): Output {
  // Whatever goes wrong reaches the loop below through the stream, and whoever leaves it early ends
  // the source.
  pipeline(pieces, stream, () => {});
  for await (const { buffer, byteOffset, length } of stream) {
    // Not the Node.js buffer itself, whose `slice()` does not copy.
    yield new Uint8Array(buffer, byteOffset, length);
  }
}

/**
 * Unpacks zlib data at once.
 *
 * @param maxBytes More than the data may hold.
 * @throws {Error} If the data is damaged, ends early or holds more.
 */
export function inflate(packed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(inflateSync(packed, { maxOutputLength: maxBytes }));
}

/** The same for data without any frame. */
export function inflateRaw(packed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(inflateRawSync(packed, { maxOutputLength: maxBytes }));
}

/**
 * Unpacks a small gzip file, or what the beginning of a larger one holds.
 *
 * @param isWhole Whether the file is whole, and data that ends early an error.
 * @throws {Error} If the data is damaged, or ends early where that is an error.
 */
export function gunzipStart(packed: Uint8Array, isWhole: boolean): Uint8Array<ArrayBuffer> {
  // Flushed early, zlib gives what the cut data hold instead of an error.
  const finishFlush = isWhole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  return new Uint8Array(gunzipSync(packed, { finishFlush }));
}

/** CRC-32 of bytes, or of what came before (by its checksum) and these bytes. */
export function crc32(bytes: Uint8Array, before: number = 0): number {
  return zlibCrc32(bytes, before);
}
