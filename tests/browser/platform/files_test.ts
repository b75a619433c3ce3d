/** The files of a page behave as those on a disk: the same calls, the same results and errors. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { FileError } from "../../../lib/platform/file_error.ts";
import * as onDisk from "../../../lib/platform/files.ts";
import { OpenFile as OpenOnDisk } from "../../../lib/platform/open_file.ts";
import * as inPage from "../../../lib/browser/platform/files.ts";
import { OpenFile as OpenInPage } from "../../../lib/browser/platform/open_file.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Runs calls on a disk and in a page, and compares what they return or throw. */
async function compare(
  calls: (
    files: typeof onDisk,
    folder: string,
    Open: typeof OpenOnDisk,
  ) => Iterable<Promise<unknown>>,
): Promise<unknown[]> {
  const outcome = async (call: Promise<unknown>, folder: string) => {
    try {
      return await call;
    } catch (error) {
      assert(error instanceof FileError, `${error}`);
      return error.message.replaceAll(folder, "FOLDER");
    }
  };
  const run = async (files: typeof onDisk, folder: string, Open: typeof OpenOnDisk) => {
    const results: unknown[] = [];
    for (const call of calls(files, folder, Open)) results.push(await outcome(call, folder));
    return results;
  };
  return await withTemporaryFolder(async (folder) => {
    const page = `/page-${crypto.randomUUID()}`;
    await inPage.createFolder(page);
    const found = await run(
      inPage as unknown as typeof onDisk,
      page,
      OpenInPage as unknown as typeof OpenOnDisk,
    );
    assert.deepEqual(found, await run(onDisk, folder, OpenOnDisk));
    return found;
  });
}

Deno.test("files of a page are written, read, listed, moved and removed like those on a disk", async () => {
  const results = await compare(function* (files, folder) {
    const [a, b, sub] = [join(folder, "a"), join(folder, "b"), join(folder, "sub")];
    yield files.writeFile(a, bytes("one"));
    yield files.appendTextFile(a, " two");
    yield files.readTextFile(a);
    yield files.createFolder(join(sub, "deep"), { recursive: true });
    yield files.rename(a, join(sub, "deep", "c"));
    yield files.copyFile(join(sub, "deep", "c"), b);
    yield Array.fromAsync(files.listFolder(folder)).then((all) =>
      all.map(({ name, isFile, isDirectory }) => ({ name, isFile, isDirectory }))
        .sort((a, b) => a.name.localeCompare(b.name))
    );
    yield files.fileInfo(b).then(({ size, isFile }) => ({ size, isFile }));
    yield files.rename(sub, join(folder, "other"));
    yield files.readTextFile(join(folder, "other", "deep", "c"));
    yield files.sameFile(b, join(folder, ".", "b"));
    yield files.remove(join(folder, "other"), { recursive: true });
    yield files.exists(join(folder, "other", "deep"));
    yield files.isFolder(folder);
  });
  assert.equal(results[2], "one two");
});

Deno.test("errors of a page's files have the words and codes of those on a disk", async () => {
  const results = await compare(function* (files, folder) {
    const [file, missing] = [join(folder, "file"), join(folder, "missing")];
    yield files.writeFile(file, bytes("x"));
    yield files.readFile(missing);
    yield files.readFile(join(file, "below"));
    yield files.writeFile(join(missing, "a"), bytes("x"));
    yield files.createFolder(file);
    yield files.createFolder(join(missing, "deep"));
    yield files.remove(missing);
    yield files.rename(missing, file);
    yield files.copyFile(missing, file);
    yield Array.fromAsync(files.listFolder(missing));
    yield Array.fromAsync(files.listFolder(file));
    yield files.createFolder(join(folder, "full"));
    yield files.writeFile(join(folder, "full", "a"), bytes("x"));
    yield files.remove(join(folder, "full"));
    yield files.readFile("");
    yield files.exists(join(file, "below"));
    yield files.removeIfPresent(missing);
  });
  assert.match(`${results[1]}`, /^Cannot read FOLDER\/missing: it does not exist$/);
});

Deno.test("open files of a page are read and written in parts like those on a disk", async () => {
  await compare(function* (files, folder, Open) {
    const path = join(folder, "file");
    yield (async () => {
      using file = await Open.create(path);
      await file.write(bytes("0123456789"));
      await file.writeAt(3, bytes("abc"));
      file.writeSync(bytes("d"));
      return await file.size();
    })();
    yield files.readTextFile(path);
    yield Open.create(path).then((file) => file[Symbol.dispose]());
    yield (async () => {
      using file = await Open.read(path);
      const part = new Uint8Array(4);
      const filled = [await file.fill(part), new TextDecoder().decode(part)];
      const rest = [await file.fillAt(8, part), await file.readSome(part)];
      return [...filled, ...rest, new TextDecoder().decode(part.subarray(0, 2))];
    })();
    yield Open.read(join(folder, "missing")).then((file) => file[Symbol.dispose]());
  });
});

Deno.test("a file of a page that is open keeps what it held when it is replaced", async () => {
  const path = `/${crypto.randomUUID()}`;
  await inPage.writeFile(path, bytes("old"));
  using file = await OpenInPage.read(path);
  await inPage.writeFile(path, bytes("new, longer"));
  const found = new Uint8Array(10);
  assert.equal(new TextDecoder().decode(found.subarray(0, await file.fill(found))), "old");
});
