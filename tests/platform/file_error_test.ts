import assert from "node:assert/strict";
import { join } from "@std/path";
import { FileError } from "../../lib/platform/file_error.ts";
import * as files from "../../lib/platform/files.ts";
import { OpenFile } from "../../lib/platform/open_file.ts";

/** Text of the system or of Deno that says nothing to users. */
const internal = /os error|E[A-Z]{4,}|No such|undefined|null|\[object|readfile|readdir|mkdir/;

Deno.test("Errors about files name the path and what was found, in plain words", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "file");
  const missing = join(folder, "missing");
  await Deno.writeTextFile(file, "x");
  const long = join(folder, "x".repeat(300));
  const cases: readonly (readonly [() => unknown, string])[] = [
    [() => files.readFile(missing), `Cannot read ${missing}: it does not exist`],
    [
      () => files.readFile(`${missing}\n\x1b[2J`),
      `Cannot read ${missing}\\n\\x1b[2J: it does not exist`,
    ],
    [() => files.readTextFile(missing), `Cannot read ${missing}: it does not exist`],
    [() => files.fileInfo(missing), `Cannot read ${missing}: it does not exist`],
    [() => OpenFile.read(missing), `Cannot read ${missing}: it does not exist`],
    [() => OpenFile.readSync(missing), `Cannot read ${missing}: it does not exist`],
    [() => files.readFile(folder), `Cannot read ${folder}: it is a folder, expected a file`],
    [
      () => files.readFile(join(file, "a")),
      `Cannot read ${join(file, "a")}: a part of its path is a file, expected folders`,
    ],
    [
      () => Array.fromAsync(files.listFolder(missing)),
      `Cannot list ${missing}: it does not exist`,
    ],
    [
      () => Array.fromAsync(files.listFolderIfPresent(file)),
      `Cannot list ${file}: it is a file, expected a folder`,
    ],
    [
      () => files.writeTextFile(join(missing, "a"), ""),
      `Cannot write ${join(missing, "a")}: its folder does not exist`,
    ],
    [() => files.writeTextFile("/dev/full", "x"), "Cannot write /dev/full: the disk is full"],
    [() => files.createFolder(folder), `Cannot create ${folder}: it exists already`],
    [
      () => files.readFile(long),
      `Cannot read ${long}: its name is longer than the file system allows`,
    ],
    [() => files.copyFile(folder, missing), `Cannot copy ${folder}: it is not a file`],
    [() => files.remove(missing), `Cannot remove ${missing}: it does not exist`],
    [() => files.rename(missing, file), `Cannot move ${missing}: it does not exist`],
    [() => files.readFile(""), 'Cannot read "": the path is empty'],
  ];
  try {
    for (const [work, message] of cases) {
      const error = await (async () => await work())().then(() => undefined, (error) => error);
      assert.ok(error instanceof FileError, message);
      assert.equal(error.message, message);
      assert.doesNotMatch(error.message, internal);
      assert.ok(error.cause);
    }
    using opened = await OpenFile.read(folder);
    await assert.rejects(opened.readSome(new Uint8Array(4)), {
      message: `Cannot read ${folder}: it is a folder, expected a file`,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("An error of the system without words here keeps its own, without its number", () => {
  const strange = Object.assign(new Error("Bad thing (os error 99): readfile 'a'"), { code: "EX" });
  assert.equal(new FileError("read", "a", strange).message, "Cannot read a: bad thing");
  assert.equal(
    new FileError("read", "a", undefined).message,
    "Cannot read a: an error without a message",
  );
});
