import assert from "node:assert/strict";
import { join } from "@std/path";
import { copyFileIfNewer } from "../../lib/files/copy_file.ts";

async function inTemporaryFolder(test: (from: string, to: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await test(join(folder, "from.txt"), join(folder, "new", "to.txt"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("copyFileIfNewer() copies to a new folder and leaves no partial files", () =>
  inTemporaryFolder(async (from, to) => {
    await Deno.writeTextFile(from, "one");
    await copyFileIfNewer(from, to);
    assert.equal(await Deno.readTextFile(to), "one");
    assert.deepEqual((await Array.fromAsync(Deno.readDir(join(to, "..")))).length, 1);
  }));

Deno.test("copyFileIfNewer() keeps a copy of the same size that is not older", () =>
  inTemporaryFolder(async (from, to) => {
    await Deno.writeTextFile(from, "one");
    await copyFileIfNewer(from, to);
    await Deno.writeTextFile(to, "ONE");
    await copyFileIfNewer(from, to);
    assert.equal(await Deno.readTextFile(to), "ONE");
  }));

Deno.test("copyFileIfNewer() replaces a copy that is older or has another size", () =>
  inTemporaryFolder(async (from, to) => {
    await Deno.writeTextFile(from, "one");
    await copyFileIfNewer(from, to);
    await Deno.utime(to, 1, 1);
    await Deno.writeTextFile(from, "two");
    await copyFileIfNewer(from, to);
    assert.equal(await Deno.readTextFile(to), "two");
    await Deno.writeTextFile(from, "three");
    await Deno.utime(from, 1, 1);
    await copyFileIfNewer(from, to);
    assert.equal(await Deno.readTextFile(to), "three");
  }));

Deno.test("copyFileIfNewer() replaces a copy if an older file takes the file's place", () =>
  inTemporaryFolder(async (from, to) => {
    await Deno.writeTextFile(from, "one");
    await copyFileIfNewer(from, to);
    const older = `${from}.corrected`;
    await Deno.writeTextFile(older, "two");
    await Deno.utime(older, 1, 1);
    // The copy is ten seconds old.
    const before = Date.now() / 1000 - 10;
    await Deno.utime(to, before, before);
    await Deno.rename(older, from);
    await copyFileIfNewer(from, to);
    assert.equal(await Deno.readTextFile(to), "two");
  }));

Deno.test("copyFileIfNewer() names both files if it fails", () =>
  inTemporaryFolder(async (from, to) => {
    await assert.rejects(copyFileIfNewer(from, to), /Cannot copy .*from\.txt to .*to\.txt/);
  }));
