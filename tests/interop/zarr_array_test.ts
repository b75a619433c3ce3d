import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import * as zarrita from "zarrita";
import { sizeOf } from "../../lib/array/nd_array.ts";
import type { Box } from "../../lib/array/box.ts";
import { cropOrPad } from "../../lib/array/crop_or_pad.ts";
import {
  evenChunks,
  readZarr,
  writeZarr,
  zarrFile,
  zarrFileBytes,
  type ZarrLayout,
} from "../../lib/interop/zarr_array.ts";

async function withFolder(run: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(join(folder, "array.zarr"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns a folder's files in the form that zarrita requires. */
class Files {
  constructor(private readonly folder: string) {}

  async get(key: string) {
    return await Deno.readFile(this.folder + key).catch(() => undefined);
  }

  async getRange(
    key: string,
    range: { offset: number; length: number } | { suffixLength: number },
  ) {
    const bytes = await Deno.readFile(this.folder + key);
    return "offset" in range
      ? bytes.slice(range.offset, range.offset + range.length)
      : bytes.slice(-range.suffixLength);
  }
}

const arrays = {
  float32: { shape: [2, 5, 4, 7], data: Float32Array.from({ length: 280 }, (_, i) => i / 7) },
  int16: { shape: [5, 4, 7], data: Int16Array.from({ length: 140 }, (_, i) => 300 - i) },
  int8: { shape: [5, 4, 7], data: Int8Array.from({ length: 140 }, (_, i) => i - 100) },
};

for (const [type, array] of Object.entries(arrays)) {
  Deno.test(`writeZarr() writes ${type} arrays that zarrita reads`, () =>
    withFolder(async (folder) => {
      await writeZarr(folder, array, [2, 3, 4]);
      const store = new Files(folder);
      const opened = await zarrita.open.v3(zarrita.root(store), { kind: "array" });
      assert.equal(opened.dtype, type);
      const { data, shape } = await zarrita.get(opened);
      assert.deepEqual(shape, array.shape);
      assert.deepEqual(data, array.data);
    }));
}

Deno.test("readZarr() reads any box and does not change the target outside the array", async () => {
  const extent = fc.integer({ min: 1, max: 9 });
  const extents = fc.tuple(extent, extent, extent);
  const origin = fc.integer({ min: -4, max: 8 });
  await withFolder((folder) =>
    fc.assert(
      fc.asyncProperty(
        extents,
        extents,
        fc.tuple(origin, origin, origin),
        extents,
        fc.integer({ min: 1, max: 2 }),
        async (spatial, chunkShape, origin, size, volumes) => {
          const shape = [volumes, ...spatial];
          const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i + 1);
          await writeZarr(folder, { shape, data }, chunkShape);
          const layout: ZarrLayout = { type: "float32", shape, chunkShape };
          assert.equal((await Deno.stat(zarrFile(folder, layout))).size, zarrFileBytes(layout));
          const actual = new Float32Array(volumes * sizeOf(size)).fill(-7);
          readZarr(folder, layout, { origin, size }, actual);
          const expected = new Float32Array(actual.length);
          for (let volume = 0; volume < volumes; volume++) {
            cropOrPad(data, spatial, { origin, size }, -7, expected, {
              sourceOffset: volume * sizeOf(spatial),
              targetOffset: volume * sizeOf(size),
            });
          }
          assert.deepEqual(actual, expected);
        },
      ),
      { seed: 1 },
    )
  );
});

Deno.test("readZarr() reports truncated data", () =>
  withFolder(async (folder) => {
    const layout: ZarrLayout = { type: "int16", shape: [5, 4, 7], chunkShape: [2, 3, 4] };
    await writeZarr(folder, arrays.int16, layout.chunkShape);
    await Deno.truncate(zarrFile(folder, layout), 100);
    const box: Box = { origin: [0, 0, 0], size: [5, 4, 7] };
    assert.throws(() => readZarr(folder, layout, box, new Int16Array(140)), RangeError);
  }));

Deno.test("evenChunks() divides axes evenly and never exceeds them", () => {
  assert.deepEqual(evenChunks([200, 50, 3], [24, 24, 96]), [25, 25, 3]);
});

Deno.test("writeZarr() ends a shard with its index and the index's checksum, little-endian", () =>
  withFolder(async (folder) => {
    const array = { shape: [1, 2, 2], data: Int8Array.of(1, 2, 3, 4) };
    await writeZarr(folder, array, [1, 2, 2]);
    const bytes = await Deno.readFile(zarrFile(folder, array));
    // Offset 0, length 4, and the CRC-32C of these 16 bytes, which a separate program computed.
    assert.equal(bytes.toHex(), "01020304" + "0000000000000000" + "0400000000000000" + "87186d63");
  }));
