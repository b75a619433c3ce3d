import assert from "node:assert/strict";
import type { PageScan } from "../../../lib/browser/model_page/find_scans.ts";
import { groupCases } from "../../../lib/browser/model_page/group_cases.ts";

const scan = (path: string): PageScan => ({
  path,
  stem: path.replace(/^.*\/|\.nii\.gz$/g, ""),
  files: [],
  isSeries: false,
  others: new Map(),
});

/** Groups scans of one channel each and describes the cases as `name: path, path`. */
async function grouped(paths: readonly string[], channels: readonly string[], inFile = 1) {
  const cases = await groupCases(paths.map(scan), channels, () => Promise.resolve(inFile));
  return cases.map(({ name, parts, isUnordered }) =>
    `${name}: ${parts.map((part) => part?.path ?? "–").join(", ")}${isUnordered ? " ?" : ""}`
  );
}

Deno.test("groupCases() makes a case of every scan of a model with one channel", async () => {
  assert.deepEqual(await grouped(["a_0000.nii.gz", "b.nii.gz"], ["MRI"]), [
    "a: a_0000.nii.gz",
    "b: b.nii.gz",
  ]);
});

Deno.test("groupCases() puts numbered scans in their channels and leaves gaps", async () => {
  const paths = ["x/a_0000.nii.gz", "x/a_0001.nii.gz", "y/a_0001.nii.gz"];
  assert.deepEqual(await grouped(paths, ["T1", "T2"]), [
    "a: x/a_0000.nii.gz, x/a_0001.nii.gz",
    "a: –, y/a_0001.nii.gz",
  ]);
});

Deno.test("groupCases() takes a file with several channels as a whole case", async () => {
  assert.deepEqual(await grouped(["a.png", "b.png"], ["R", "G", "B"], 3), [
    "a.png: a.png",
    "b.png: b.png",
  ]);
});

Deno.test("groupCases() asks which of several unnumbered scans is which channel", async () => {
  assert.deepEqual(
    await grouped(["p1_flair.nii.gz", "p1_t1.nii.gz", "p1_t1ce.nii.gz"], ["T1", "T1ce", "FLAIR"]),
    ["p1: p1_t1.nii.gz, p1_t1ce.nii.gz, p1_flair.nii.gz ?"],
  );
  assert.deepEqual(await grouped(["one.nii.gz"], ["T1", "T2"]), ["one: one.nii.gz, – ?"]);
  assert.deepEqual(await grouped(["a.nii.gz", "b.nii.gz", "c.nii.gz"], ["T1", "T2"]), [
    "a: a.nii.gz, b.nii.gz, c.nii.gz ?",
  ]);
});
