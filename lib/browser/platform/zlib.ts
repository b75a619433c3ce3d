/**
 * Compresses and decompresses as `lib/platform/zlib.ts` does: with the browser's streams, which work
 * in other threads, and synchronously with fflate.
 */

import { Gunzip, gunzipSync, inflateSync, unzlibSync } from "../../packages/fflate.ts";
import { joinBytes } from "../../array/join_bytes.ts";
import { decompress } from "../../packages/fzstd.ts";

/** Bytes in order, in pieces of any length. */
type Pieces = AsyncIterable<Uint8Array>;

/** The output, in pieces. */
type Output = AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;

/**
 * Decompresses gzip or zlib data to the end, and verifies its checksum. If gzip data has several
 * members, which the browser's streams reject, only its structure is verified.
 *
 * @param pieceBytes Maximum length of an output piece.
 * @throws {Error} If the data is damaged or ends early, or `packed` throws.
 */
export async function* unpackPieces(packed: Pieces, pieceBytes: number): Output {
  const given: Uint8Array[] = [];
  const iterator = packed[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) throw new Error("unexpected end of file");
  const isGzip = first.value[0] === 0x1f;
  const all = async function* () {
    for (let next: IteratorResult<Uint8Array> = first; !next.done; next = await iterator.next()) {
      given.push(next.value);
      yield next.value;
    }
  };
  let yielded = 0;
  try {
    const stream = new DecompressionStream(isGzip ? "gzip" : "deflate");
    for await (const piece of through(all(), stream, pieceBytes)) {
      yield piece;
      yielded += piece.length;
    }
  } catch (error) {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      given.push(next.value);
    }
    const members = isGzip ? unpackMembers(given) : undefined;
    if (!members) throw error;
    // What was yielded before is the beginning of the same.
    for (const member of members) {
      const rest = member.subarray(Math.min(yielded, member.length));
      yielded -= member.length - rest.length;
      yield* split(rest, pieceBytes);
    }
  }
}

/** Decompresses gzip data of several members; undefined if it has one or is damaged. */
function unpackMembers(packed: readonly Uint8Array[]): Uint8Array<ArrayBuffer>[] | undefined {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let members = 0;
  const gunzip = new Gunzip((piece) => pieces.push(piece));
  gunzip.onmember = () => members++;
  try {
    packed.forEach((piece, i) => gunzip.push(piece, i === packed.length - 1));
  } catch {
    return undefined;
  }
  return members > 0 ? pieces : undefined;
}

/** Compresses pieces with gzip; the browser chooses the level. The header contains no time. */
export function gzipPieces(content: Pieces, _level: number, pieceBytes: number): Output {
  return through(content, new CompressionStream("gzip"), pieceBytes);
}

/** Compresses pieces as zlib data. */
export function deflatePieces(content: Pieces, _level: number, pieceBytes: number): Output {
  return through(content, new CompressionStream("deflate"), pieceBytes);
}

/** Compresses pieces as raw deflate data, as in zip archives. */
export function deflateRawPieces(content: Pieces, _level: number, pieceBytes: number): Output {
  return through(content, new CompressionStream("deflate-raw"), pieceBytes);
}

/** Decompresses raw deflate data; throws as {@link unpackPieces} does. */
export function inflateRawPieces(packed: Pieces, pieceBytes: number): Output {
  return through(packed, new DecompressionStream("deflate-raw"), pieceBytes);
}

async function* through(
  pieces: Pieces,
  { readable, writable }: CompressionStream | DecompressionStream,
  pieceBytes: number,
): Output {
  const writer = writable.getWriter();
  const writing = (async () => {
    for await (const piece of pieces) await writer.write(piece as Uint8Array<ArrayBuffer>);
    await writer.close();
  })();
  let failure: { readonly reason: unknown } | undefined;
  writing.catch(async (reason) => {
    failure = { reason };
    await writer.abort(reason).catch(() => {}); // It has failed already.
  });
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield* split(value as Uint8Array<ArrayBuffer>, pieceBytes);
    }
    await writing;
  } catch (error) {
    throw failure?.reason ?? error;
  } finally {
    await reader.cancel().catch(() => {}); // It has failed already.
  }
}

function* split(bytes: Uint8Array<ArrayBuffer>, pieceBytes: number) {
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    yield bytes.subarray(from, from + pieceBytes);
  }
}

/**
 * Decompresses zlib data synchronously.
 *
 * @param maxBytes Maximum length of the output.
 * @throws {Error} If the data is damaged, ends early or exceeds the maximum.
 */
export function inflate(packed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  const unpacked = requireAtMost(unzlibSync(packed), maxBytes);
  const end = new DataView(packed.buffer, packed.byteOffset + packed.length - 4, 4);
  if (adler32(unpacked) !== end.getUint32(0)) throw new Error("incorrect data check");
  return unpacked;
}

/** Decompresses raw deflate data synchronously, as {@link inflate} does. */
export function inflateRaw(packed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  return requireAtMost(inflateSync(packed), maxBytes);
}

/** Decompresses Zstandard data synchronously, as {@link inflate} does. */
export function unpackZstd(packed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  return requireAtMost(decompress(packed) as Uint8Array<ArrayBuffer>, maxBytes);
}

function requireAtMost(
  bytes: Uint8Array<ArrayBuffer>,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  if (bytes.length <= maxBytes) return bytes;
  throw new RangeError(`the data has ${bytes.length} bytes, expected at most ${maxBytes}`);
}

/**
 * Decompresses a small gzip file, or the beginning of a larger one, synchronously.
 *
 * @param isWhole Whether `packed` is a whole file, so that it is an error if it ends early.
 * @throws {Error} If the data is damaged, or ends early although it is whole.
 */
export function gunzipStart(packed: Uint8Array, isWhole: boolean): Uint8Array<ArrayBuffer> {
  if (isWhole) return gunzipSync(packed);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  new Gunzip((piece) => pieces.push(piece)).push(packed, false);
  return joinBytes(pieces);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte >>> 0;
});

/** Returns the CRC-32 of bytes; `before` is the checksum of the bytes that precede them. */
export function crc32(bytes: Uint8Array, before: number = 0): number {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The checksum at the end of zlib data. */
function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (let i = 0; i < bytes.length;) {
    // As many sums as fit in 32 bits before the remainder is taken.
    for (const end = Math.min(bytes.length, i + 3800); i < end; i++) {
      low += bytes[i];
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return (high * 65536 + low) >>> 0;
}
