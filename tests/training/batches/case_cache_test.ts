import assert from "node:assert/strict";
import { writeCase } from "../../../lib/preprocessing/storage.ts";
import { cacheCases } from "../../../lib/training/batches/case_cache.ts";
import { openPatchSource } from "../../../lib/training/batches/patch_source.ts";
import { numberedPreprocessedCase } from "../cases.ts";

/** Runs a test with a cached reader of cases on disk, of 5 · 8 = 40 bytes each, and its log. */
async function withReader(
  maxBytes: number,
  run: (read: ReturnType<typeof cacheCases>, events: string[]) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["a", "b", "c"]) {
      await writeCase(folder, numberedPreprocessedCase(name, [2, 2, 2]));
    }
    const events: string[] = [];
    const open = async (name: string) => {
      events.push(`open ${name}`);
      const stored = await openPatchSource({ folder }, name);
      assert.equal(stored.bytes, 40);
      const load = () => {
        events.push(`read ${name}`);
        return stored.load();
      };
      return { ...stored, load };
    };
    await run(cacheCases(open, maxBytes), events);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("cacheCases() reads a case once while there is room", () =>
  withReader(80, async (read, events) => {
    const first = await read("a");
    await read("b");
    assert.equal(await read("a"), first);
    assert.deepEqual(events, ["open a", "read a", "open b", "read b"]);
  }));

Deno.test("cacheCases() does not load a case for which there is no room", () =>
  withReader(79, async (read, events) => {
    for (const name of ["a", "b", "a", "b"]) await read(name);
    assert.deepEqual(events, ["open a", "read a", "open b", "open b"]);
  }));

Deno.test("cacheCases() gives the same patches with and without room", () =>
  withReader(40, async (read) => {
    const box = { origin: [-1, 0, 1], size: [3, 2, 2] } as const;
    const [kept, stored] = [await read("a"), await read("b")];
    assert.deepEqual(stored.readPatch(box, [3, 2, 2]), kept.readPatch(box, [3, 2, 2]));
    assert.deepEqual(stored.shape, kept.shape);
  }));

Deno.test("cacheCases() reads again after a failure", async () => {
  await withReader(80, async (read) => {
    await assert.rejects(read("missing"), /missing/);
    assert.equal((await read("a")).name, "a");
  });
});
