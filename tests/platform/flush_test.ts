import assert from "node:assert/strict";
import { basename, join } from "@std/path";
import { copyFileAtomically } from "../../lib/files/copy_file.ts";
import { writeFolderAtomically } from "../../lib/platform/atomic_folder.ts";
import { writeFileAtomically } from "../../lib/platform/atomic_write.ts";

/** Records what is flushed and renamed while `run` writes, by the number of flushes before. */
async function flushesBeforeRename(target: string, run: () => Promise<unknown>): Promise<number> {
  const { sync } = Deno.FsFile.prototype;
  const { rename } = Deno;
  let [flushes, before] = [0, -1];
  Deno.FsFile.prototype.sync = function () {
    flushes++;
    return sync.call(this);
  };
  Deno.rename = (from, to) => {
    if (basename(`${to}`) === target) before = flushes;
    return rename(from, to);
  };
  try {
    await run();
  } finally {
    Deno.FsFile.prototype.sync = sync;
    Deno.rename = rename;
  }
  return before;
}

Deno.test("files and folders are on the disk before they get their final names", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "a");
  try {
    const file = await flushesBeforeRename("a", () => writeFileAtomically(path, "x"));
    assert.ok(file >= 1);
    const copy = await flushesBeforeRename("b", () => copyFileAtomically(path, join(folder, "b")));
    assert.ok(copy >= 1);
    // Three files, one of them in a subfolder, and two folders.
    const whole = await flushesBeforeRename(
      "c",
      () =>
        writeFolderAtomically(join(folder, "c"), async (partial) => {
          await Deno.mkdir(join(partial, "sub"));
          for (const name of ["1", "2", join("sub", "3")]) {
            await Deno.writeTextFile(join(partial, name), "x");
          }
        }),
    );
    assert.equal(whole, Deno.build.os === "windows" ? 3 : 5);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
