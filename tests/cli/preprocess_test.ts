/** Which configurations are preprocessed, on a data set of pictures, which has plans for 2d alone. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { pictureGeometry } from "../../lib/image/picture.ts";
import { writeSegmentation } from "../../lib/image/registry.ts";
import { listCases } from "../../lib/preprocessing/storage.ts";
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

Deno.test("plan_and_preprocess skips configurations that were not planned", async () => {
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
    /^Skipping 3d_fullres, 3d_lowres: nnUNetPlans of Dataset001_Pictures has 2d\n2d: patch 16 × 16, /,
  );
  assert.deepEqual(await listCases(join(folder, "nnUNetPlans_2d")), ["a", "b"]);
});
