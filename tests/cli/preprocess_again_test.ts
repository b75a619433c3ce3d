/** Preprocessed cases are kept whichever command asks for them again. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { writeTinyScans } from "../tiny_scans.ts";
import { runMain } from "./run_main.ts";

Deno.test("cases stay as they are if the same plans are made or read again", async () => {
  const root = await Deno.makeTempDir();
  await Dataset.create({
    root,
    id: 1,
    name: "Tiny",
    ...await writeTinyScans(root, { cases: 5 }),
    channels: ["CT"],
    classes: ["shell", "ball"],
  });
  const folder = join(root, "nnUNet_preprocessed/Dataset001_Tiny/nnUNetPlans_3d_fullres");
  const common = ["-c", "3d_fullres", "--np", "1", "--root", root];
  const plan = ["plan_and_preprocess", "-d", "1", "--gpu_memory_target", "0.05", ...common];
  const files = async () => {
    const found: string[] = [];
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile) found.push(`${name} ${(await Deno.stat(join(folder, name))).ino}`);
    }
    return found.sort();
  };
  assert.equal((await runMain(...plan)).code, 0);
  const first = await files();
  assert.ok(first.length >= 5);
  for (const args of [plan, [...plan, "--clean"], ["preprocess", "-d", "1", ...common]]) {
    const { code, err } = await runMain(...args);
    assert.equal(code, 0, err);
    assert.deepEqual(await files(), first, args.join(" "));
  }
  await Deno.remove(root, { recursive: true });
});
