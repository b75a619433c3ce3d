import assert from "node:assert/strict";
import posix from "node:path/posix";
import * as paths from "../../../lib/browser/platform/paths.ts";

const samples = [
  "",
  ".",
  "/",
  "a",
  "a/",
  "/a",
  "/a/",
  "a/b",
  "/a//b/",
  "../a",
  "a/../../b",
  "/../a",
  "a/./b/..",
];

Deno.test("paths in memory are handled as Node handles those of POSIX", () => {
  for (const path of samples) {
    assert.equal(paths.dirname(path), posix.dirname(path), `dirname ${path}`);
    assert.equal(paths.basename(path), posix.basename(path), `basename ${path}`);
    assert.equal(paths.isAbsolute(path), posix.isAbsolute(path), path);
    assert.equal(paths.resolve(path), posix.resolve("/", path).replace(/(.)\/$/, "$1"), path);
    for (const other of samples) {
      assert.equal(paths.join(path, other), posix.join(path, other), `join ${path}, ${other}`);
      const [from, to] = [path, other].map((each) => posix.resolve("/", each));
      assert.equal(paths.relative(from, to), posix.relative(from, to), `from ${from} to ${to}`);
    }
  }
  assert.equal(paths.basename("a/scan.nii.gz", ".nii.gz"), "scan");
  assert.equal(paths.basename("a/.nii.gz", ".nii.gz"), ".nii.gz");
});
