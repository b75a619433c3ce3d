import assert from "node:assert/strict";
import { join, normalize, resolve, win32 } from "node:path";
import fc from "fast-check";
import { isFileName, requireFileName } from "../../lib/untrusted/file_name.ts";

Deno.test("isFileName() accepts the names of data sets and cases", () => {
  for (
    const name of [
      "Dataset004_H",
      "nnUNetPlans_3d_fullres",
      "case 1",
      "a..b",
      "Größe",
      "1.2.840",
      "10:30",
    ]
  ) {
    assert.ok(isFileName(name), name);
  }
});

Deno.test("isFileName() rejects paths, hidden files, drives, control characters and long names", () => {
  for (
    const name of [
      "",
      ".",
      "..",
      "../x",
      "a/../../x",
      "a/b",
      "/x",
      "\\x",
      "a\\b",
      "C:",
      "c:x",
      ".git",
      "a\0",
      "a\n",
      "a\x1b[2J",
      "a\x9b",
      "é".repeat(128),
    ]
  ) {
    assert.ok(!isFileName(name), JSON.stringify(name));
  }
});

Deno.test("isFileName() accepts only names whose paths are directly in their folder", () => {
  const parts = fc.array(fc.constantFrom(".", "..", "/", "\\", "a", "C:", "~", " ", "\0"), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.oneof(parts.map((some) => some.join("")), fc.string()), (name) => {
      if (!isFileName(name)) return;
      assert.equal(resolve("/data/here", name), `/data/here/${name}`);
      assert.equal(normalize(join("/data", name)), `/data/${name}`);
      assert.equal(win32.resolve("C:\\here", name), `C:\\here\\${name}`);
    }),
    { seed: 3, numRuns: 5000 },
  );
});

Deno.test("requireFileName() shows the name escaped", () => {
  assert.throws(
    () => requireFileName("../\x1b[2J", "Cannot read plans: dataset_name"),
    (error: Error) =>
      error instanceof RangeError &&
      error.message ===
        'Cannot read plans: dataset_name is "../\\u001b[2J", expected a valid file name',
  );
});
