/** Tests what `create_dataset` says about labels, in options. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { readSegmentation, writeSegmentation } from "../../lib/image/image_files.ts";
import { writeTinyScans } from "../tiny_scans.ts";
import { runMain } from "./run_main.ts";

/** Writes scans, whose labels a function may change, in a folder that is removed. */
async function withScans(
  run: (create: (...args: string[]) => ReturnType<typeof runMain>) => Promise<void>,
  change: (label: number) => number = (label) => label,
) {
  const root = await Deno.makeTempDir();
  try {
    const { images, labels } = await writeTinyScans(root, { cases: 2 });
    for (const name of ["c0", "c1"]) {
      const path = join(labels, `${name}.nii.gz`);
      const { geometry, data } = await readSegmentation(path);
      await writeSegmentation(path, { geometry, data: data.map(change) });
    }
    await run((...args) =>
      runMain(
        ...["create_dataset", "-d", "2", "-n", "Tiny", "--images", images, "--labels", labels],
        ...["--root", root, ...args],
      )
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("create_dataset says how to name a mask's foreground, which works", async () => {
  await withScans(async (create) => {
    const { code, err } = await create();
    assert.equal(code, 1);
    assert.match(err, /found 0, 255, .* pass --names NAME=255 to name its foreground and renumber/);
    assert.equal((await create("--names", "NAME=255")).code, 0);
  }, (label) => label === 0 ? 0 : 255);
});

Deno.test("create_dataset says that the first name is the background's, and what to type", async () => {
  await withScans(async (create) => {
    const { err } = await create("--names", "ant,post");
    assert.match(
      err,
      /found 0, 1, 2, and --names ant,post names only 0 to 1, since its first name/,
    );
    assert.match(err, /, ant, is the background's; type --names background,ant,post$/);
    const { out } = await create("--names", "background,ant,post");
    assert.match(out, /labels 0 background, 1 ant, 2 post\n$/);
  });
});

Deno.test("create_dataset says how to renumber labels with gaps, which works", async () => {
  await withScans(async (create) => {
    const { err } = await create("--names", "background,ball");
    const [, names] = /expected at most 1, .*, such as --names (\S+)$/.exec(err)!;
    assert.equal(names, "ball=1,label_7=7");
    assert.equal((await create("--names", names)).code, 0);
  }, (label) => label === 2 ? 7 : label);
});

Deno.test("create_dataset says which option orders regions", async () => {
  await withScans(async (create) => {
    const { err } = await create("--names", "whole=1+2,core=2");
    assert.match(
      err,
      /--regions_class_order has no entries, expected one integer for each of whole/,
    );
    const wrong = await create("--names", "ball=1,core=2", "--regions_class_order", "1,2");
    assert.match(
      wrong.err,
      /found --regions_class_order, expected at least one class with several/,
    );
  });
});

Deno.test("create_dataset warns of names of labels that are in no file", async () => {
  await withScans(async (create) => {
    const { code, out, err } = await create("--names", "background,ant,post,third");
    assert.equal(code, 0, err);
    assert.match(out, /^Warning: labels 3 are declared but occur in no label map$/m);
  });
});
