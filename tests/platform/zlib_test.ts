import assert from "node:assert/strict";
import {
  crc32,
  deflatePieces,
  deflateRawPieces,
  gunzipStart,
  gzipPieces,
  inflate,
  inflateRaw,
  inflateRawPieces,
  unpackPieces,
} from "../../lib/platform/zlib.ts";

const content = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) >> 4);

async function* inPieces(bytes: Uint8Array, size = 700) {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.subarray(start, start + size));
  }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all = await Array.fromAsync(pieces);
  return Uint8Array.from(all.flatMap((piece) => [...piece]));
}

Deno.test("unpackPieces() decompresses gzip and zlib data", async () => {
  for (const pack of [gzipPieces, deflatePieces]) {
    const packed = await collect(pack(inPieces(content), 6, 512));
    assert.ok(packed.length < content.length);
    const pieces = await Array.fromAsync(unpackPieces(inPieces(packed, 100), 512));
    assert.ok(pieces.every(({ length }) => length <= 512));
    assert.deepEqual(await collect(inPieces(content)), content);
    assert.deepEqual(Uint8Array.from(pieces.flatMap((piece) => [...piece])), content);
  }
});

Deno.test("inflateRawPieces() inverts deflateRawPieces()", async () => {
  const packed = await collect(deflateRawPieces(inPieces(content), 1, 512));
  assert.deepEqual(await collect(inflateRawPieces(inPieces(packed), 512)), content);
  assert.deepEqual(inflateRaw(packed, content.length), content);
  assert.throws(() => inflateRaw(packed, content.length - 1));
});

Deno.test("inflate() and gunzipStart() decompress synchronously", async () => {
  const zlib = await collect(deflatePieces(inPieces(content), 9, 512));
  assert.deepEqual(inflate(zlib, content.length), content);
  assert.throws(() => inflate(zlib.subarray(0, 100), content.length));

  const gzip = await collect(gzipPieces(inPieces(content), 9, 512));
  assert.deepEqual(gunzipStart(gzip, true), content);
  const start = gunzipStart(gzip.subarray(0, gzip.length >> 1), false);
  assert.ok(start.length > 0);
  assert.deepEqual(start, content.subarray(0, start.length));
  assert.throws(() => gunzipStart(gzip.subarray(0, gzip.length >> 1), true));
});

Deno.test("unpackPieces() throws if data ends early or its source throws", async () => {
  const packed = await collect(gzipPieces(inPieces(content), 6, 512));
  await assert.rejects(collect(unpackPieces(inPieces(packed.subarray(0, -9)), 512)));
  const failing = async function* () {
    yield packed.subarray(0, 50);
    await Promise.reject(new RangeError("The disk is gone"));
  };
  await assert.rejects(collect(unpackPieces(failing(), 512)), /The disk is gone/);
});

Deno.test("unpackPieces() ends its source if its consumer stops early", async () => {
  const packed = await collect(gzipPieces(inPieces(content), 6, 512));
  const ended = Promise.withResolvers<void>();
  const source = async function* () {
    try {
      for (let i = 0; i < 1e6; i++) yield* inPieces(packed);
    } finally {
      ended.resolve();
    }
  };
  for await (const piece of unpackPieces(source(), 512)) {
    assert.ok(piece.length > 0);
    break;
  }
  await ended.promise;
});

Deno.test("crc32() continues from a checksum", () => {
  const text = new TextEncoder().encode("123456789");
  assert.equal(crc32(text), 0xcbf43926);
  assert.equal(crc32(text.subarray(4), crc32(text.subarray(0, 4))), 0xcbf43926);
});
