import assert from "node:assert/strict";
import { join } from "@std/path";
import {
  exists,
  existsSync,
  isNotFound,
  isTaken,
  listFolder,
  listFolderIfPresent,
  removeIfPresent,
} from "../../lib/platform/files.ts";
import { OpenFile } from "../../lib/platform/open_file.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("exists() is false for missing files, paths below a file, and broken links", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeTextFile(path, "");
    const link = join(folder, "link");
    await Deno.symlink(join(folder, "nothing"), link);

    for (const [candidate, expected] of [[path, true], [folder, true], [link, false]] as const) {
      assert.equal(await exists(candidate), expected, candidate);
      assert.equal(existsSync(candidate), expected, candidate);
      assert.equal(await isTaken(candidate), true, candidate);
    }
    for (const missing of [join(folder, "other"), join(path, "below")]) {
      assert.equal(await exists(missing), false, missing);
      assert.equal(existsSync(missing), false, missing);
      assert.equal(await isTaken(missing), false, missing);
    }
  }));

Deno.test("exists() throws other errors of the system", async () => {
  await assert.rejects(exists("x".repeat(10_000)));
  assert.throws(() => existsSync("x".repeat(10_000)));
});

Deno.test("listFolderIfPresent() lists nothing if the folder is missing", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const names = (await Array.fromAsync(listFolderIfPresent(folder))).map(({ name }) => name);
    assert.deepEqual(names, ["file"]);

    const missing = join(folder, "missing");
    assert.deepEqual(await Array.fromAsync(listFolderIfPresent(missing)), []);
    await assert.rejects(Array.fromAsync(listFolder(missing)), isNotFound);
  }));

Deno.test("removeIfPresent() ignores missing files and keeps non-empty folders", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeTextFile(path, "");
    await assert.rejects(removeIfPresent(folder));
    await removeIfPresent(path);
    await removeIfPresent(path);
    assert.equal(await exists(path), false);
    assert.equal(await exists(folder), true);
  }));

Deno.test("OpenFile reads and writes at offsets, or continues where it ended", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    {
      using file = await OpenFile.create(path);
      await file.write(Uint8Array.of(0, 1, 2));
      file.writeSync(Uint8Array.of(3, 4));
      await file.writeAt(1, Uint8Array.of(9));
      await file.seek(5);
      await file.write(Uint8Array.of(5));
    }
    assert.deepEqual(await Deno.readFile(path), Uint8Array.of(0, 9, 2, 3, 4, 5));
    await assert.rejects(OpenFile.create(path));

    using file = await OpenFile.read(path);
    assert.equal(await file.size(), 6);
    const two = new Uint8Array(2);
    assert.equal(await file.fill(two), 2);
    assert.deepEqual(two, Uint8Array.of(0, 9));
    assert.equal(await file.fillAt(4, two), 2);
    assert.deepEqual(two, Uint8Array.of(4, 5));
    assert.equal(await file.readSome(two), null);

    const four = new Uint8Array(4);
    assert.equal(file.fillAtSync(3, four), 3);
    assert.deepEqual(four, Uint8Array.of(3, 4, 5, 0));
    assert.equal(await file.fillAt(3, four), 3);
  }));

Deno.test("OpenFile.read() fails if there is no file", async () => {
  await assert.rejects(OpenFile.read("/nowhere/at/all"), isNotFound);
  assert.throws(() => OpenFile.readSync("/nowhere/at/all"), isNotFound);
});
