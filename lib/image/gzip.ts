/**
 * Gzip and zlib data in slices, so that timers, signals and displays go on while a large scan is unpacked.
 *
 * Deno runs even the asynchronous calls of `node:zlib` on the calling thread: one call over a whole
 * scan stops everything else for its full length.
 */

import { Buffer } from "node:buffer";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createDeflate, createGzip, createUnzip, type Deflate, type Gzip } from "node:zlib";

const sliceBytes = 1 << 20;

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
 * Unpacks gzip or zlib data that says its own length in its first bytes.
 *
 * Unpacks to the very end, checksum included, but keeps no more than `lengthOf` asks for.
 *
 * @param headBytes How many bytes `lengthOf` wants to see; it gets fewer if there are fewer.
 * @param lengthOf Bytes wanted, given the first ones. May throw to stop. Never call for more
 * than {@link maximalUnpackedBytes}: that much memory is taken at once.
 * @returns The wanted bytes, fewer if the data holds fewer.
 * @throws {Error} If the data is damaged or ends early, or whatever `lengthOf` throws.
 */
export async function unpack(
  packed: Uint8Array,
  headBytes: number,
  lengthOf: (head: Uint8Array<ArrayBuffer>) => number,
): Promise<Uint8Array<ArrayBuffer>> {
  let content = new Uint8Array(headBytes);
  let filled = 0;
  let sized = false;

  const keep = (chunk: Uint8Array) => {
    const part = chunk.subarray(0, content.length - filled);
    content.set(part, filled);
    filled += part.length;
    return chunk.subarray(part.length);
  };
  const resize = () => {
    const head = content.subarray(0, filled);
    content = new Uint8Array(lengthOf(head));
    filled = 0;
    keep(head);
    sized = true;
  };

  await pipeline(
    slicesOf(packed),
    createUnzip({ chunkSize: sliceBytes }),
    async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) {
        let rest = keep(chunk);
        if (!sized && filled === headBytes) {
          resize();
          rest = keep(rest);
        }
        await nextTurn();
      }
    },
  );
  if (!sized) resize();
  return content.subarray(0, filled);
}

/** Packs bytes with gzip; levels go from 1 (fast) to 9 (small). The result names no time. */
export function gzip(content: Uint8Array, level: number): Promise<Uint8Array<ArrayBuffer>> {
  return pack(content, createGzip({ level, chunkSize: sliceBytes }));
}

/** Packs bytes as zlib data, without gzip's frame. */
export function deflate(content: Uint8Array, level: number): Promise<Uint8Array<ArrayBuffer>> {
  return pack(content, createDeflate({ level, chunkSize: sliceBytes }));
}

async function pack(content: Uint8Array, packer: Gzip | Deflate): Promise<Uint8Array<ArrayBuffer>> {
  const packed: Uint8Array[] = [];
  await pipeline(slicesOf(content), packer, async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) packed.push(chunk);
  });
  return new Uint8Array(Buffer.concat(packed));
}

async function* slicesOf(bytes: Uint8Array) {
  for (let start = 0; start < bytes.length; start += sliceBytes) {
    yield bytes.subarray(start, start + sliceBytes);
    await nextTurn();
  }
}
