import assert from "node:assert/strict";
import { join } from "@std/path";
import {
  copyAndRename,
  hasChannelSuffix,
  makeFolder,
  renameForSingleModality,
} from "../../lib/dataset/folder_setup.ts";
import { namesIn } from "./sample_folders.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("makeFolder() creates missing folders and keeps or empties existing ones", () =>
  withTemporaryFolder(async (top) => {
    const folder = join(top, "deep", "folder");
    assert.equal(await makeFolder(folder), true);
    await Deno.writeTextFile(join(folder, "a"), "");
    assert.equal(await makeFolder(folder), false);
    assert.deepEqual(namesIn(folder), ["a"]);
    assert.equal(await makeFolder(folder, { overwrite: true }), true);
    assert.deepEqual(namesIn(folder), []);
  }));

Deno.test("makeFolder() does not replace a file", () =>
  withTemporaryFolder(async (top) => {
    await Deno.writeTextFile(join(top, "a"), "kept");
    await assert.rejects(makeFolder(join(top, "a"), { overwrite: true }), /found a file, expected/);
    assert.equal(await Deno.readTextFile(join(top, "a")), "kept");
  }));

Deno.test("copyAndRename() copies, or moves with deleteOriginal", () =>
  withTemporaryFolder(async (top) => {
    const [from, to] = [join(top, "a.nii"), join(top, "new", "b.nii")];
    await Deno.writeTextFile(from, "voxels");
    await copyAndRename(from, to);
    assert.deepEqual(namesIn(top), ["a.nii", "new/"]);
    assert.deepEqual(namesIn(join(top, "new")), ["b.nii"]);
    await assert.rejects(
      copyAndRename(from, to),
      /^AlreadyExistsError: .*the target exists; pass `overwrite: true` to replace it$/,
    );
    await copyAndRename(from, join(top, "c.nii"), { deleteOriginal: true });
    assert.deepEqual(namesIn(top), ["c.nii", "new/"]);
    assert.equal(await Deno.readTextFile(join(top, "c.nii")), "voxels");
  }));

Deno.test("copyAndRename() replaces a file with overwrite, but never the source", () =>
  withTemporaryFolder(async (top) => {
    const [from, to] = [join(top, "a.nii"), join(top, "b.nii")];
    await Deno.writeTextFile(from, "new");
    await Deno.writeTextFile(to, "old");
    await copyAndRename(from, to, { overwrite: true });
    assert.equal(await Deno.readTextFile(to), "new");
    await assert.rejects(
      copyAndRename(from, join(top, "x", "..", "a.nii"), { overwrite: true, deleteOriginal: true }),
      /both are the same file, expected another path$/,
    );
    assert.deepEqual(namesIn(top), ["a.nii", "b.nii"]);
  }));

Deno.test("copyAndRename() names a missing file and leaves no files behind", () =>
  withTemporaryFolder(async (top) => {
    const missing = join(top, "x.nii");
    await assert.rejects(
      copyAndRename(missing, join(top, "y.nii")),
      /Cannot copy .*x\.nii to .*y\.nii: /,
    );
    assert.deepEqual(namesIn(top), []);
  }));

Deno.test("hasChannelSuffix() looks for four digits before the ending", () => {
  for (const name of ["la_003_0000.nii.gz", "a_0012.nii", "x_9999.NII.GZ"]) {
    assert.equal(hasChannelSuffix(name), true, name);
  }
  for (
    const name of ["la_003.nii.gz", "a0000.nii.gz", "a_00000.nii.gz", "_0000.nii.gz", "a_0000.txt"]
  ) {
    assert.equal(hasChannelSuffix(name), false, name);
  }
});

Deno.test("renameForSingleModality() numbers files without a number", () =>
  withTemporaryFolder(async (top) => {
    for (const name of ["a.nii.gz", "b_0000.nii.gz", "notes.txt"]) {
      await Deno.writeTextFile(join(top, name), name);
    }
    assert.equal(await renameForSingleModality(top), 1);
    assert.equal(await renameForSingleModality(top), 0);
    assert.deepEqual(namesIn(top), ["a_0000.nii.gz", "b_0000.nii.gz", "notes.txt"]);
    assert.equal(await Deno.readTextFile(join(top, "a_0000.nii.gz")), "a.nii.gz");
  }));

Deno.test("renameForSingleModality() overwrites nothing", () =>
  withTemporaryFolder(async (top) => {
    for (const name of ["a.nii.gz", "b.nii.gz", "b_0000.nii.gz"]) {
      await Deno.writeTextFile(join(top, name), name);
    }
    await assert.rejects(
      renameForSingleModality(top),
      /Cannot rename .*b\.nii\.gz: b_0000\.nii\.gz exists/,
    );
    assert.deepEqual(namesIn(top), ["a.nii.gz", "b.nii.gz", "b_0000.nii.gz"]);
  }));
