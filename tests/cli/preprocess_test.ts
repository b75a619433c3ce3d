/** Tests which configurations are preprocessed, on a data set of pictures with plans for 2d only. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { pictureGeometry } from "../../lib/image/picture.ts";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import { listCases } from "../../lib/preprocessing/storage.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { runCli } from "./run_cli.ts";

const root = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const folder = join(root, "nnUNet_preprocessed", "Dataset001_Pictures");
const geometry = pictureGeometry(16, 16, "sample");
for (const name of ["a", "b"]) {
  const data = Uint8Array.from({ length: 256 }, (_, i) => i % 97);
  await writeSegmentation(join(root, "images", `${name}.png`), { geometry, data });
  const labels = data.map((value) => +(value > 60));
  await writeSegmentation(join(root, "labels", `${name}.png`), { geometry, data: labels });
}
await Dataset.create({
  root,
  id: 1,
  name: "Pictures",
  images: join(root, "images"),
  labels: join(root, "labels"),
  channels: ["light"],
  classes: ["dark"],
});

Deno.test("plan_and_preprocess skips configurations that are not in the plans", async () => {
  const plan = (...args: string[]) =>
    runCli(
      ...["plan_and_preprocess", "-d", "1", "--np", "1", "--root", root],
      ...["--gpu_memory_target", "0.05", "--base_features", "4", ...args],
    );
  const refused = await plan("-c", "3d_fullres");
  assert.equal(refused.code, 1);
  assert.equal(
    refused.err.trim(),
    "Cannot preprocess 3d_fullres: nnUNetPlans of Dataset001_Pictures has 2d",
  );
  const { code, out, err } = await plan();
  assert.equal(code, 0, err);
  assert.match(
    out,
    /^Using .*dataset_fingerprint\.json; --clean reads all cases again\nSkipping 3d_fullres, 3d_lowres: nnUNetPlans of Dataset001_Pictures has 2d\n2d: patch 16 × 16, /,
  );
  assert.deepEqual(await listCases(join(folder, "nnUNetPlans_2d")), ["a", "b"]);
});

Deno.test("preprocess uses edited plans and leaves them unchanged", async () => {
  const preprocess = (...args: string[]) =>
    runCli("preprocess", "-d", "1", "-plans_name", "mine", "-np", "1", "--root", root, ...args);
  const file = join(folder, "mine.json");
  const missing = await preprocess();
  assert.equal(missing.code, 1);
  assert.ok(missing.err.includes(`found no ${file}; plan the data set first`), missing.err);

  const edited = (await Deno.readTextFile(join(folder, "nnUNetPlans.json")))
    .replaceAll('"nnUNetPlans', '"mine')
    .replace(/"patch_size": \[\s*16,\s*16\s*\]/, '"patch_size": [8, 8]');
  await Deno.writeTextFile(file, edited);
  // Python copies label maps when it preprocesses, not when it plans.
  await Deno.remove(join(folder, "gt_segmentations"), { recursive: true });
  const refused = await preprocess("-c", "3d_fullres");
  assert.equal(
    refused.err.trim(),
    "Cannot preprocess 3d_fullres: mine of Dataset001_Pictures has 2d",
  );
  const { code, out, err } = await preprocess("-c", "3d_fullres", "2d");
  assert.equal(code, 0, err);
  assert.match(out, /^Skipping 3d_fullres: mine of .* has 2d\n2d: patch 8 × 8, .*\nWrote /);
  assert.equal(await Deno.readTextFile(file), edited);
  assert.deepEqual(await listCases(join(folder, "mine_2d")), ["a", "b"]);
  assert.deepEqual(namesIn(join(folder, "gt_segmentations")), ["a.png", "b.png"]);
});
