/** Files in memory behave as files on a disk do, as far as the library uses them. */

import assert from "node:assert/strict";
import * as memory from "../../../lib/browser/platform/files.ts";
import { OpenFile as MemoryOpenFile } from "../../../lib/browser/platform/open_file.ts";
import { ScratchFile } from "../../../lib/browser/platform/scratch_file.ts";
import { FileError } from "../../../lib/platform/file_error.ts";
import * as disk from "../../../lib/platform/files.ts";
import { OpenFile } from "../../../lib/platform/open_file.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";

type Files = Pick<typeof disk, Extract<keyof typeof disk, keyof typeof memory>>;

/** What happened, so that both can be compared: a value, or the error's words. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    assert.ok(error instanceof FileError, `${error}`);
    return { action: error.action, code: error.code, reason: error.reason };
  }
}

/** Does the same with files in a folder. @returns What each step had as its outcome. */
async function course(files: Files, Open: typeof OpenFile, folder: string): Promise<unknown[]> {
  const at = (name: string) => `${folder}/${name}`;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const list = async (name: string) =>
    (await Array.fromAsync(files.listFolder(at(name)))).map(({ name, isFile }) => [name, isFile])
      .sort();
  const steps: (() => unknown)[] = [
    () => files.readFile(at("missing")),
    () => files.writeTextFile(at("no/file"), "a"),
    () => files.createFolder(at("a/b")),
    () => files.createFolder(at("a/b"), { recursive: true }),
    () => files.createFolder(at("a/b"), { recursive: true }),
    () => files.createFolder(at("a")),
    () => files.writeTextFile(at("a/b/one"), "first"),
    () => files.appendTextFile(at("a/b/one"), ", second"),
    () => files.appendFile(at("a/two"), Uint8Array.of(1, 2)),
    () => files.readTextFile(at("a/b/one")),
    () => list("a"),
    () => list("a/b"),
    () => list("a/two"),
    async () => (await files.fileInfo(at("a/b/one"))).size,
    async () => (await files.fileInfo(at("a"))).isDirectory,
    () => files.isFolder(at("a/two")),
    () => files.copyFile(at("a/b/one"), at("copy")),
    () => files.copyFile(at("none"), at("copy")),
    () => files.rename(at("a/b"), at("c")),
    () => files.rename(at("none"), at("c")),
    () => list(""),
    () => files.readTextFile(at("c/one")),
    () => files.exists(at("a/b")),
    () => files.sameFile(at("c"), at("./c")),
    () => files.remove(at("c")),
    () => files.remove(at("c"), { recursive: true }),
    () => files.removeIfPresent(at("c")),
    () => files.remove(at("c")),
    async () => {
      using file = await Open.read(at("copy"));
      const piece = new Uint8Array(5);
      await file.readSome(piece);
      const rest = new Uint8Array(20);
      const count = await file.fill(rest);
      const end = await file.readSome(rest);
      await file.fillAt(3, piece);
      return [text(piece), count, end, await file.size()];
    },
    async () => {
      using file = await Open.create(at("made"));
      await file.write(Uint8Array.of(1, 2, 3));
      await file.writeAt(1, Uint8Array.of(9));
      file.writeSync(Uint8Array.of(8, 7));
    },
    async () => [...await files.readFile(at("made"))],
    () => Open.create(at("made")),
    () => Open.read(at("none")),
  ];
  const outcomes: unknown[] = [];
  for (const step of steps) outcomes.push(await outcome(step));
  return outcomes;
}

Deno.test("files in memory behave as files on a disk", () =>
  withTemporaryFolder(async (folder) => {
    const expected = await course(disk, OpenFile, folder);
    await memory.createFolder("/work");
    const found = await course(memory, MemoryOpenFile as unknown as typeof OpenFile, "/work");
    assert.deepEqual(found, expected);
  }));

Deno.test("a scratch file in memory is read and written at any offset", () => {
  using file = new ScratchFile();
  const written = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
  file.write(70_000, written);
  const read = new Uint8Array(200_000);
  file.read(70_000, read);
  assert.deepEqual(read, written);
  file.read(0, read.subarray(0, 70_000));
  assert.ok(read.subarray(0, 70_000).every((byte) => byte === 0));
  assert.throws(() => file.read(269_999, new Uint8Array(2)), {
    name: "RangeError",
    message: "Cannot read the scratch file: it ends at byte 270000, expected at least 270001",
  });
});
