import assert from "node:assert/strict";
import { join } from "@std/path";
import type { TrainingCase } from "../../lib/dataset/case.ts";
import { mostTellingSlice, paintOverlay } from "../../lib/display/overlay_picture.ts";
import { writeOverlays } from "../../lib/display/overlay_pictures.ts";
import { readImage } from "../../lib/image/image_files.ts";
import golden from "../golden/overlays.json" with { type: "json" };
import { withTemporaryFolder } from "../temporary_folder.ts";
import { makeTinyPlans, writeTinyScans } from "../tiny_scans.ts";

for (const { name, shape, image, segmentation, intensity, slice, pixels } of golden) {
  Deno.test(`overlays choose and paint the slice that nnU-Net does: ${name}`, () => {
    const volume = { shape, values: Float32Array.from(image), labels: segmentation };
    assert.equal(mostTellingSlice(volume), slice);
    const { width, height, data } = paintOverlay(volume, slice, intensity);
    assert.deepEqual([height, width], shape.slice(1));
    const colors = data.filter((_, i) => i % 4 < 3);
    assert.deepEqual([...colors], pixels);
  });
}

Deno.test("paintOverlay() draws constant scans and cases without classes", () => {
  const volume = { shape: [2, 1, 2], values: new Float32Array(4).fill(7), labels: [0, 0, 0, 0] };
  assert.equal(mostTellingSlice(volume), 0);
  assert.deepEqual([...paintOverlay(volume, 0, 0.6).data], [0, 0, 0, 255, 0, 0, 0, 255]);
});

Deno.test("writeOverlays() draws scans and preprocessed cases", () =>
  withTemporaryFolder(async (folder) => {
    const { images, labels } = await writeTinyScans(folder, { cases: 2 });
    const cases = ["c0", "c1"].map((name): TrainingCase => ({
      name,
      images: [join(images, `${name}.nii.gz`)],
      label: join(labels, `${name}.nii.gz`),
    }));
    const output = join(folder, "pictures");
    const progress: number[] = [];
    const onProgress = (done: number) => progress.push(done);
    assert.deepEqual(
      await writeOverlays({ cases, output, workers: 1, onProgress }),
      [join(output, "c0.png"), join(output, "c1.png")],
    );
    assert.deepEqual(progress, [0, 1, 2]);
    const picture = await readImage([join(output, "c0.png")]);
    assert.deepEqual(picture.geometry.shape, [1, 16, 16]);
    assert.equal(picture.channels, 4);

    await assert.rejects(
      writeOverlays({ cases, output, channel: 1, workers: 1 }),
      /`channel` is 1, expected 0 to 0/,
    );
    await assert.rejects(
      writeOverlays({ cases: join(folder, "none"), output }),
      /found no preprocessed cases in .*none, expected at least one/,
    );
  }));

Deno.test("writeOverlays() draws preprocessed cases", async () => {
  const { plans, dataset, root } = await makeTinyPlans();
  try {
    const { dataIdentifier } = plans.configuration("3d_fullres");
    const output = join(root, "pictures");
    const written = await writeOverlays({
      cases: join(plans.folder, dataIdentifier),
      ...{ output, workers: 1 },
    });
    assert.equal(written.length, dataset.cases.length);
    assert.equal((await readImage([written[0]])).channels, 4);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
