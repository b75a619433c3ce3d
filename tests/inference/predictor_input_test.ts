/** Tests invalid scans, invalid models, and cascades. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { zipSync } from "fflate";
import { missingAxisSpacing } from "../../lib/image/geometry.ts";
import type { Image } from "../../lib/image/image.ts";
import { readSegmentation, writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import type { PlansData } from "../../lib/files/plans.ts";
import { Predictor } from "../../lib/predictor.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { plainGeometry } from "../image/sample_images.ts";
import { makeTinyPlans, tinyScan, withScans } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";

const { plans, root } = await makeTinyPlans({ cases: 2 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const { image } = tinyScan(3);
const options = { threads: 1, mirroring: false };
const model = await writeUntrainedModel(root, {
  plansData: plans.plansData,
  datasetJson: plans.datasetJson,
  configuration: "3d_fullres",
});

Deno.test("Predictor rejects scans without geometry, and pictures for 3D models", async () => {
  using predictor = await Predictor.open(model, options);
  const onProgress = () => assert.fail("Predicted");
  const refused = (scan: unknown, message: string) =>
    assert.rejects(predictor.predict(scan as Image, { onProgress }), { message });
  await refused(
    { channels: 1, data: image.data },
    'Cannot predict "scan": the image\'s geometry lacks shape, spacing, affine, expected shape and ' +
      "spacing, (z, y, x), and an affine, as imageFrom() makes them",
  );
  await refused(
    { ...image, geometry: { ...image.geometry, spacing: [0, 1, 1] } },
    'Cannot predict "scan": the image\'s spacing is 0 × 1 × 1 mm, expected three positive numbers, ' +
      "(z, y, x)",
  );
  await refused(
    { ...image, data: [...image.data] },
    'Cannot predict "scan": the image\'s data is a plain array, expected a Float32Array',
  );
  const path = join(await Deno.makeTempDir({ dir: root }), "picture.png");
  await writeSegmentation(path, {
    geometry: { ...plainGeometry([1, 16, 16]), spacing: [missingAxisSpacing([1, 1]), 1, 1] },
    data: new Uint8Array(16 * 16),
  });
  await assert.rejects(predictor.predict([path], { onProgress }), {
    name: "TypeError",
    message: 'Cannot predict "scan": it is a picture of 16 × 16 pixels without a depth, expected ' +
      "a volume",
  });
});

Deno.test("Predictor.predictFolder() rejects cases with other channels beforehand", () =>
  withScans(root, async (folder, input) => {
    using predictor = await Predictor.open(model, options);
    await writeImage(join(input, "b_0001.nii.gz"), image);
    const output = join(folder, "labels");
    const onProgress = () => assert.fail("Predicted");
    await assert.rejects(predictor.predictFolder({ input, output, onProgress }), {
      name: "TypeError",
      message: 'Cannot predict "b": the image has 2 channels, expected 1 (MRI)',
    });
    assert.deepEqual(namesIn(output), []);
  }));

Deno.test("Predictor.open() rejects checkpoints with code, and runs none of it", async () => {
  const folder = await Deno.makeTempDir({ dir: root });
  const path = join(folder, "foreign.pth");
  const touched = join(folder, "touched");
  const pickled = new Uint8Array([
    // Protocol 2, os.system, its argument, the call, the end.
    ...[0x80, 2, ...ascii("cos\nsystem\n(X"), ...littleEndian(`touch ${touched}`)],
    ...[...ascii(`touch ${touched}`), ...ascii("tR.")],
  ]);
  await Deno.writeFile(path, zipSync({ "archive/data.pkl": [pickled, { level: 0 }] }));
  await assert.rejects(Predictor.open(path), (error: Error) => {
    assert.match(error.message, /foreign\.pth.*os\.system, which is not plain data/);
    return true;
  });
  assert.deepEqual(namesIn(folder), ["foreign.pth"]);
});

Deno.test("Predictor of a cascade predicts the first stage if its labels are not given", () =>
  withScans(root, async (folder, input) => {
    const fullres = plans.configuration("3d_fullres");
    const cascade: PlansData = {
      ...plans.plansData,
      configurations: {
        "3d_lowres": {
          ...fullres,
          name: "3d_lowres",
          spacing: fullres.spacing.map((extent) => 1.5 * extent),
          nextStage: "3d_cascade_fullres",
        },
        "3d_cascade_fullres": {
          ...fullres,
          name: "3d_cascade_fullres",
          previousStage: "3d_lowres",
        },
      },
    };
    const common = { plansData: cascade, datasetJson: plans.datasetJson };
    const first = await writeUntrainedModel(folder, { ...common, configuration: "3d_lowres" });
    const second = await writeUntrainedModel(folder, {
      ...common,
      configuration: "3d_cascade_fullres",
    });
    using predictor = await Predictor.open(second, options);
    using firstStage = await Predictor.open(first, options);
    const output = join(folder, "labels");
    await predictor.predictFolder({ input, output });
    const stage = join(output, "3d_lowres_predictions");
    assert.ok(namesIn(stage).includes("b.nii.gz"));
    const previousStage = await firstStage.predict(image);
    const whole = await predictor.predict(image);
    assert.deepEqual((await readSegmentation(join(stage, "a.nii.gz"))).data, previousStage.data);
    assert.deepEqual((await readSegmentation(join(output, "a.nii.gz"))).data, whole.data);
    assert.deepEqual(await predictor.predict(image, { previousStage }), whole);
    const other = { ...previousStage, data: previousStage.data.map((label) => 2 - label) };
    const { data } = await predictor.predict(image, { previousStage: other });
    assert.notDeepEqual(data, whole.data, "the first stage's labels count");

    await Deno.remove(first, { recursive: true });
    using alone = await Predictor.open(second, options);
    await assert.rejects(
      alone.predict(image),
      /^Error: Cannot predict 3d_cascade_fullres without segmentations of 3d_lowres, and its model/,
    );
    assert.deepEqual(await alone.predict(image, { previousStage }), whole);
  }));

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

/** Encodes the length of a text in four bytes. */
function littleEndian({ length }: string): number[] {
  return [0, 8, 16, 24].map((shift) => (length >> shift) & 255);
}
