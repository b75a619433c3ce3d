/**
 * Compresses and decompresses gzip, zlib and raw deflate data; decompresses Zstandard data.
 *
 * Asynchronous functions process data in pieces, so that other work can run in between: Deno runs
 * even the asynchronous calls of `node:zlib` on the calling thread, and one call for a whole scan
 * would block it for seconds.
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
  zstdDecompressSync,
} from "node:zlib";

/** Bytes in order, in pieces of any length. */
type Pieces = AsyncIterable<Uint8Array>;

/** The output, in pieces. */
type Output = AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;

/**
 * Decompresses gzip or zlib data to the end, and verifies its checksum.
 *
 * @param pieceBytes Maximum length of an output piece.
 * @throws {Error} If the data is damaged or ends early, or `packed` throws.
 */
export function unpackPieces(packed: Pieces, pieceBytes: number): Output {
  return through(packed, createUnzip({ chunkSize: pieceBytes }));
}

/** Compresses pieces with gzip, at level 1 (fast) to 9 (small). The header contains no time. */
export function gzipPieces(content: Pieces, level: number, pieceBytes: number): Output {
  return through(content, createGzip({ level, chunkSize: pieceBytes }));
}

/** Compresses pieces as zlib data. */
export function deflatePieces(content: Pieces, level: number, pieceBytes: number): Output {
  return through(content, createDeflate({ level, chunkSize: pieceBytes }));
}

/** Compresses pieces as raw deflate data, as in zip archives. */
export function deflateRawPieces(content: Pieces, level: number, pieceBytes: number): Output {
  return through(content, createDeflateRaw({ level, chunkSize: pieceBytes }));
}

/** Decompresses raw deflate data; throws as {@link unpackPieces} does. */
export function inflateRawPieces(packed: Pieces, pieceBytes: number): Output {
  return through(packed, createInflateRaw({ chunkSize: pieceBytes }));
}

async function* through(pieces: Pieces, stream: Transform): Output {
  // Errors reach the loop below through the stream, and leaving the loop early ends the source.
  pipeline(pieces, stream, () => {});
  for await (const { buffer, byteOffset, length } of stream) {
    // Not the Node.js buffer itself, whose `slice()` does not copy.
    yield new Uint8Array(buffer, byteOffset, length);
  }
}

/**
 * Decompresses zlib data synchronously.
 *
 * @param maxBytes Maximum length of the output.
 * @throws {Error} If the data is damaged, ends early or exceeds the maximum.
 */
export function inflate(packed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(inflateSync(packed, { maxOutputLength: maxBytes }));
}

/** Decompresses raw deflate data synchronously, as {@link inflate} does. */
export function inflateRaw(packed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(inflateRawSync(packed, { maxOutputLength: maxBytes }));
}

/** Decompresses Zstandard data synchronously, as {@link inflate} does; data may end early. */
export function unpackZstd(packed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(zstdDecompressSync(packed, { maxOutputLength: maxBytes }));
}

/**
 * Decompresses a small gzip file, or the beginning of a larger one, synchronously.
 *
 * @param isWhole Whether `packed` is a whole file, so that it is an error if it ends early.
 * @throws {Error} If the data is damaged, or ends early although it is whole.
 */
export function gunzipStart(packed: Uint8Array, isWhole: boolean): Uint8Array<ArrayBuffer> {
  // With an early flush, zlib returns the decompressed part of cut data instead of an error.
  const finishFlush = isWhole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  return new Uint8Array(gunzipSync(packed, { finishFlush }));
}

/** Returns the CRC-32 of bytes; `before` is the checksum of the bytes that precede them. */
export function crc32(bytes: Uint8Array, before: number = 0): number {
  return zlibCrc32(bytes, before);
}
