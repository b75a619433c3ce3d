import assert from "node:assert/strict";
import { join } from "@std/path";
import { listCases, openCase, readCase, writeCase } from "../../lib/preprocessing/storage.ts";
import { storedFingerprint } from "../../lib/preprocessing/stored_parts.ts";
import type { PreprocessedCase } from "../../lib/preprocessing/preprocessed_case.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const example: PreprocessedCase = {
  name: "la_003",
  data: { shape: [2, 1, 2, 3], data: Float32Array.from({ length: 12 }, (_, i) => i / 3) },
  segmentation: { shape: [1, 2, 3], data: Int8Array.of(-1, 0, 1, 2, 2, 0) },
  classLocations: new Map([[1, Int32Array.of(0, 0, 2)], [2, Int32Array.of(0, 1, 0, 0, 1, 1)]]),
  properties: {
    geometry: {
      shape: [2, 3, 4],
      spacing: [2, 1, 0.5],
      affine: [0.5, 0, 0, -10, 0, 1, 0, 20, 0, 0, 2, 0, 0, 0, 0, 1],
    },
    shapeBeforeCropping: [2, 3, 4],
    cropBox: [[0, 1], [1, 3], [0, 3]],
    shapeAfterCropping: [1, 2, 3],
    spacingAfterTransposing: [2, 1, 0.5],
  },
};

Deno.test("readCase() returns what writeCase() wrote", () =>
  withTemporaryFolder(async (folder) => {
    await writeCase(folder, example);
    assert.deepEqual(await readCase(folder, "la_003"), example);
  }));

Deno.test("readCase() returns labels above 127 and cases without ground truth", () =>
  withTemporaryFolder(async (folder) => {
    const wide = { shape: [1, 2, 3], data: Int16Array.of(-1, 0, 300, 2, 2, 0) };
    await writeCase(folder, { ...example, name: "wide", segmentation: wide });
    assert.deepEqual((await readCase(folder, "wide")).segmentation, wide);

    const bare = { ...example, name: "bare", segmentation: undefined, classLocations: new Map() };
    await writeCase(folder, bare);
    assert.deepEqual(await readCase(folder, "bare"), bare);
  }));

Deno.test("listCases() lists complete cases only, in ascending order", () =>
  withTemporaryFolder(async (folder) => {
    assert.deepEqual(await listCases(join(folder, "absent")), []);
    await writeCase(folder, { ...example, name: "b" });
    await writeCase(folder, { ...example, name: "a" });
    await Deno.writeTextFile(join(folder, ".c.json.1.partial"), "");
    await Deno.mkdir(join(folder, "d.image.zarr"));
    assert.deepEqual(await listCases(folder), ["a", "b"]);
  }));

Deno.test("storedFingerprint() returns the fingerprint that the case was written with", () =>
  withTemporaryFolder(async (folder) => {
    assert.equal(await storedFingerprint(folder, "la_003"), undefined);
    await writeCase(folder, example, { fingerprint: "abc" });
    assert.equal(await storedFingerprint(folder, "la_003"), "abc");
  }));

Deno.test("openCase() reads patches, padded beyond the volume", () =>
  withTemporaryFolder(async (folder) => {
    await writeCase(folder, example);
    const stored = await openCase(folder, "la_003");
    assert.deepEqual(stored.shape, [2, 1, 2, 3]);
    assert.equal(stored.bytes, 12 * 4 + 6 + 3 * 3 * 4);
    const { image, segmentation } = stored.readPatch({ origin: [0, 1, 1], size: [1, 2, 3] }, [
      2,
      3,
    ]);
    assert.deepEqual(image.shape, [2, 2, 3]);
    const row = [4, 5, 0, 0, 0, 0, 10, 11, 0, 0, 0, 0];
    assert.deepEqual(image.data, Float32Array.from(row, (value) => value / 3));
    assert.deepEqual(segmentation.data, Int16Array.of(2, 0, -1, -1, -1, -1));
  }));

Deno.test("readCase() names the file that is truncated", () =>
  withTemporaryFolder(async (folder) => {
    await writeCase(folder, example);
    await Deno.truncate(join(folder, "la_003.image.zarr", "c", "0", "0", "0", "0"), 40);
    await assert.rejects(readCase(folder, "la_003"), {
      name: "RangeError",
      message: /la_003\.image\.zarr\/c\/0\/0\/0\/0: found 40 bytes, expected 84/,
    });
  }));

Deno.test("readCase() reports a missing or invalid JSON file", () =>
  withTemporaryFolder(async (folder) => {
    await assert.rejects(readCase(folder, "la_003"), /Cannot read preprocessed case "la_003"/);
    await Deno.writeTextFile(join(folder, "la_003.json"), "{");
    await assert.rejects(readCase(folder, "la_003"), { name: "SyntaxError", message: /not JSON/ });
    await Deno.writeTextFile(join(folder, "la_003.json"), `{"format": "other"}`);
    await assert.rejects(readCase(folder, "la_003"), { name: "SyntaxError", message: /format/ });
  }));

Deno.test("writeCase() leaves no partly written case after an error", () =>
  withTemporaryFolder(async (folder) => {
    await writeCase(folder, example);
    // A file in place of the folder makes the write fail half-way.
    await Deno.remove(join(folder, "la_003.image.zarr"), { recursive: true });
    await Deno.writeTextFile(join(folder, "la_003.image.zarr"), "in the way");
    await assert.rejects(writeCase(folder, example), /la_003\.image\.zarr/);
    assert.deepEqual(await listCases(folder), []);
  }));
