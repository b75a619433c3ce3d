/** Tests what is left when the disk is full, on a small file system in memory. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { copyFileAtomically } from "../../lib/files/copy_file.ts";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import { writeZipFile } from "../../lib/interop/zip_file.ts";
import { writeFolderAtomically } from "../../lib/platform/atomic_folder.ts";
import { writeFileAtomically } from "../../lib/platform/atomic_write.ts";
import { OpenFile } from "../../lib/platform/open_file.ts";
import { FileError } from "../../lib/platform/file_error.ts";
import { runCli } from "../cli/run_cli.ts";
import { plainGeometry } from "../image/sample_images.ts";

/** Bytes of the file system. */
const SIZE = 1 << 20;

async function mount(folder: string): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const args = ["-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", folder];
  const { success } = await new Deno.Command("mount", { args, stderr: "null" }).output()
    .catch(() => ({ success: false }));
  return success;
}

const folder = await Deno.makeTempDir();
const mounted = await mount(folder);
globalThis.addEventListener("unload", () => {
  if (mounted) new Deno.Command("umount", { args: [folder] }).outputSync();
  Deno.removeSync(folder);
});

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

/** Runs a test in an empty folder with little space. */
function test(name: string, run: (folder: string) => Promise<void>) {
  Deno.test({
    name: mounted ? name : `${name} (skipped: needs root on Linux to mount a small disk)`,
    ignore: !mounted,
    async fn() {
      const inside = join(folder, "inside");
      await Deno.mkdir(inside);
      try {
        await run(inside);
      } finally {
        await Deno.remove(inside, { recursive: true });
      }
    },
  });
}

const large = new Uint8Array(2 * SIZE);
function* pieces() {
  for (let i = 0; i < 32; i++) yield large.subarray(0, SIZE / 16);
}
const noise = new Uint8Array(SIZE * 2);
for (let i = 0; i < noise.length; i += 65536) crypto.getRandomValues(noise.subarray(i, i + 65536));

const space = String.raw`(more than )?[\d.]+ [kM]B needed, [\d.]+ [kM]?B free`;

/** Writers of a single file, which begin by writing "old". */
const writers: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  "writeFileAtomically()": (path) => writeFileAtomically(path, large),
  "writeFileAtomically() in pieces": (path) => writeFileAtomically(path, pieces()),
  "writeZipFile()": (path) => writeZipFile(path, [{ name: "a", content: [noise] }]),
  "writeSegmentation()": (path) =>
    writeSegmentation(path, {
      geometry: plainGeometry([64, 256, 256]),
      data: Uint8Array.from({ length: 1 << 22 }, (_, i) => noise[i % noise.length] & 7),
    }),
};
for (const [writer, write] of Object.entries(writers)) {
  test(`${writer} keeps the old file on a full disk`, async (folder) => {
    const path = join(folder, "a.nii.gz");
    await writeFileAtomically(path, "old");
    await assert.rejects(write(path), (error) => {
      assert.ok(error instanceof FileError, `${error}`);
      assert.equal(error.code, "ENOSPC");
      assert.equal(error.path, path);
      assert.match(
        error.message,
        new RegExp(`^Cannot write .*a\\.nii\\.gz: the disk is full: ${space}$`),
      );
      return true;
    });
    assert.equal(await Deno.readTextFile(path), "old");
    assert.deepEqual(namesIn(folder), ["a.nii.gz"]);
  });
}

test("copyFileAtomically() keeps the old file on a full disk", async (folder) => {
  const [from, to] = [await Deno.makeTempFile(), join(folder, "a")];
  try {
    await Deno.writeFile(from, large);
    await writeFileAtomically(to, "old");
    await assert.rejects(copyFileAtomically(from, to), {
      message: new RegExp(`^Cannot copy ${from} to ${to}: the disk is full: ${space}$`),
    });
    assert.equal(await Deno.readTextFile(to), "old");
    assert.deepEqual(namesIn(folder), ["a"]);
  } finally {
    await Deno.remove(from);
  }
});

test("writeFolderAtomically() keeps the old folder on a full disk", async (parent) => {
  const folder = join(parent, "data");
  const write = (content: Uint8Array | string) =>
    writeFolderAtomically(folder, (partial) => writeFileAtomically(join(partial, "a"), content), {
      overwrite: true,
    });
  await write("old");
  await assert.rejects(write(large), /the disk is full/);
  assert.equal(await Deno.readTextFile(join(folder, "a")), "old");
  assert.deepEqual(namesIn(parent), ["data"]);
});

test("writeFolderAtomically() names the final folder on a full disk", async (parent) => {
  const folder = join(parent, "data");
  const filling = writeFolderAtomically(folder, async (partial) => {
    using file = await OpenFile.create(join(partial, "a"));
    await file.write(large);
  });
  await assert.rejects(filling, {
    message: new RegExp(`^Cannot write ${join(folder, "a")}: the disk is full: ${space}$`),
  });
  assert.deepEqual(namesIn(parent), []);
});

test("create_dataset on a full disk fails with the space that it needs", async (root) => {
  const source = await Deno.makeTempDir();
  try {
    const geometry = plainGeometry([16, 256, 256]);
    const data = noise.slice(0, 1 << 20).map((value) => value & 3);
    for (const name of ["a", "b"]) {
      for (const kind of ["images", "labels"]) {
        await Deno.mkdir(join(source, kind), { recursive: true });
        await writeSegmentation(join(source, kind, `${name}.nii`), { geometry, data });
      }
    }
    const { code, err } = await runCli(
      ...["create_dataset", "-d", "1", "-n", "X", "--images", join(source, "images")],
      ...["--labels", join(source, "labels"), "--root", root],
    );
    assert.equal(code, 1);
    const raw = join(root, "nnUNet_raw", "Dataset001_X");
    assert.match(
      err,
      new RegExp(`^(.*\n)?Cannot write ${raw}/.*nii: the disk is full: ${space}\n$`),
    );
    assert.doesNotMatch(err, /\n\s+at /);
    assert.deepEqual(namesIn(join(root, "nnUNet_raw")), []);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
