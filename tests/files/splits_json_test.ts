import assert from "node:assert/strict";
import { join } from "@std/path";
import { parseSplits } from "../../lib/files/splits_json.ts";
import { readSplits, writeSplits } from "../../lib/files/splits_file.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("writeSplits() writes the text that nnU-Net writes", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "splits_final.json");
    await writeSplits(path, [{ train: ["a", "b"], validation: ["c"] }]);
    assert.equal(
      await Deno.readTextFile(path),
      '[\n    {\n        "train": [\n            "a",\n            "b"\n        ],\n' +
        '        "val": [\n            "c"\n        ]\n    }\n]',
    );
  }));

Deno.test("readSplits() reads what writeSplits() wrote", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "splits_final.json");
    const splits = [{ train: ["a"], validation: ["b"] }, { train: ["b"], validation: ["ä"] }];
    await writeSplits(path, splits);
    assert.deepEqual(await readSplits(path), splits);
  }));

Deno.test("readSplits() names a file that is not a list of folds", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "splits_final.json");
    for (const text of ["", "{}", '[{"train": ["a"]}]']) {
      await Deno.writeTextFile(path, text);
      await assert.rejects(readSplits(path), { name: "SyntaxError", message: /splits_final.json/ });
    }
    await assert.rejects(readSplits(join(folder, "missing.json")), /Cannot read .*missing.json/);
  }));

Deno.test("parseSplits() rejects cases whose names lead out of a folder", () => {
  for (const name of ["../x", "/x", "a/b", "..", "a\0"]) {
    for (const fold of [{ train: [name], val: [] }, { train: [], val: ["a", name] }]) {
      assert.throws(
        () => parseSplits(JSON.stringify([fold])),
        { name: "SyntaxError", message: /expected a valid file name/ },
      );
    }
  }
});
