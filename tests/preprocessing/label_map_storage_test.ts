import assert from "node:assert/strict";
import { openLabelMap, writeLabelMap } from "../../lib/preprocessing/label_map_storage.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("openLabelMap() reads what writeLabelMap() wrote, as a whole and in patches", () =>
  withTemporaryFolder(async (folder) => {
    for (const highest of [127, 128, 300]) {
      const data = Uint16Array.from({ length: 2 * 3 * 4 }, (_, i) => i === 23 ? highest : i);
      await writeLabelMap(folder, "a", { shape: [2, 3, 4], data });
      const map = await openLabelMap(folder, "a");
      assert.deepEqual(map.shape, [2, 3, 4]);
      assert.deepEqual([...map.read().data], [...data]);
      assert.equal(map.read().data.byteLength, map.bytes);
      const patch = map.readPatch({ origin: [1, 1, 2], size: [1, 3, 3] }, [3, 3]);
      assert.deepEqual(patch, {
        shape: [3, 3],
        data: Int16Array.of(18, 19, -1, 22, highest, -1, -1, -1, -1),
      });
    }
  }));

Deno.test("openLabelMap() reports missing, truncated and invalid files", () =>
  withTemporaryFolder(async (folder) => {
    await assert.rejects(openLabelMap(folder, "a"), /Cannot read .*a\.zarr/);
    await writeLabelMap(folder, "a", { shape: [1, 1, 2], data: Uint8Array.of(0, 1) });
    await Deno.truncate(`${folder}/a.zarr/c/0/0/0`, 5);
    await assert.rejects(openLabelMap(folder, "a"), {
      name: "RangeError",
      message: `Cannot read ${folder}/a.zarr/c/0/0/0: found 5 bytes, expected 22`,
    });
    await Deno.writeTextFile(`${folder}/a.zarr/zarr.json`, "{}");
    await assert.rejects(openLabelMap(folder, "a"), { name: "SyntaxError" });
  }));

Deno.test("writeLabelMap() rejects labels above int16", () =>
  withTemporaryFolder(async (folder) => {
    const map = { shape: [1, 1, 1], data: Uint16Array.of(40_000) };
    await assert.rejects(writeLabelMap(folder, "a", map), {
      name: "RangeError",
      message: 'Cannot write label map "a": found label 40000, expected at most 32767',
    });
  }));
