/** Compares the browser's compression with Node's; Deno has the same streams as browsers. */

import assert from "node:assert/strict";
import nodeZlib from "node:zlib";
import { joinBytes } from "../../../lib/array/join_bytes.ts";
import * as zlib from "../../../lib/browser/platform/zlib.ts";
import * as own from "../../../lib/platform/zlib.ts";

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7);

async function* inPieces(bytes: Uint8Array, size = 10_000) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all = await Array.fromAsync(pieces);
  assert.ok(all.every(({ length }) => length <= 50_000));
  return joinBytes(all);
}

Deno.test("streams unpack what Node packed, and the other way round", async () => {
  const packed = [nodeZlib.gzipSync(content), nodeZlib.deflateSync(content)];
  for (const bytes of packed) {
    assert.deepEqual(await joined(zlib.unpackPieces(inPieces(bytes), 50_000)), content);
  }
  const raw = nodeZlib.deflateRawSync(content);
  assert.deepEqual(await joined(zlib.inflateRawPieces(inPieces(raw), 50_000)), content);
  const pack = { gzip: zlib.gzipPieces, deflate: zlib.deflatePieces };
  for (const work of Object.values(pack)) {
    const bytes = await joined(work(inPieces(content), 6, 50_000));
    assert.deepEqual(await joined(own.unpackPieces(inPieces(bytes), 50_000)), content);
  }
  const rawPacked = await joined(zlib.deflateRawPieces(inPieces(content), 6, 50_000));
  assert.deepEqual(own.inflateRaw(rawPacked, 1e6), content);
});

Deno.test("unpackPieces() unpacks several members, and rejects damaged, cut and empty data", async () => {
  const one = nodeZlib.gzipSync(content);
  const two = joinBytes([one, nodeZlib.gzipSync(content.subarray(0, 1000))]);
  const expected = joinBytes([content, content.subarray(0, 1000)]);
  assert.deepEqual(await joined(zlib.unpackPieces(inPieces(two), 50_000)), expected);
  const damaged = one.slice();
  damaged[one.length - 6] ^= 1; // In the checksum.
  for (const bytes of [damaged, one.subarray(0, 5000), new Uint8Array(0)]) {
    await assert.rejects(joined(zlib.unpackPieces(inPieces(bytes), 50_000)));
  }
  const failing = async function* () {
    yield one.subarray(0, 5000);
    throw new Error("The disk failed");
  };
  await assert.rejects(joined(zlib.unpackPieces(failing(), 50_000)), /The disk failed/);
});

Deno.test("synchronous calls agree with Node's, and reject what they reject", () => {
  const packed = nodeZlib.deflateSync(content);
  assert.deepEqual(zlib.inflate(packed, 300_000), content);
  assert.throws(() => zlib.inflate(packed, 299_999));
  const damaged = packed.slice();
  damaged[packed.length - 1] ^= 1;
  assert.throws(() => zlib.inflate(damaged, 300_000), /incorrect data check/);
  assert.throws(() => zlib.inflate(packed.subarray(0, 1000), 300_000));
  assert.deepEqual(zlib.inflateRaw(nodeZlib.deflateRawSync(content), 300_000), content);
  assert.deepEqual(zlib.unpackZstd(nodeZlib.zstdCompressSync(content), 300_000), content);
  const gzip = nodeZlib.gzipSync(content);
  assert.deepEqual(zlib.gunzipStart(gzip, true), content);
  const start = zlib.gunzipStart(gzip.subarray(0, 4096), false);
  assert.ok(start.length > 1000);
  assert.deepEqual(start, content.subarray(0, start.length));
  assert.throws(() => zlib.gunzipStart(gzip.subarray(0, 4096), true));
  const before = zlib.crc32(content.subarray(0, 100));
  assert.equal(zlib.crc32(content.subarray(100), before), own.crc32(content));
});
