import assert from "node:assert/strict";
import { inMillilitres } from "../../../lib/browser/model_page/class_table.ts";
import {
  compareWithTruth,
  describeCase,
  fileNameOf,
  labelMapOf,
  viewedCase,
} from "../../../lib/browser/model_page/segmented_case.ts";
import { formatOf } from "../../../lib/image/registry.ts";
import { missingAxisSpacing } from "../../../lib/image/geometry.ts";
import { countingImage, plainGeometry } from "../../image/sample_images.ts";
import { sampleCase } from "../../notebook/sample_outputs.ts";
import { facts } from "./sample_files.ts";

const { image, truth, prediction } = sampleCase;
const timing = { seconds: 2, warnings: [] };

Deno.test("describeCase() measures classes and encodes the label map as the library does", async () => {
  const one = await describeCase("ball", image, prediction, facts, timing);
  const counted = (label: number) => prediction.data.filter((one) => one === label).length;
  assert.deepEqual(
    one.classes.map(({ name, voxels, millilitres }) => [name, voxels, millilitres]),
    [
      ["shell", counted(1), counted(1) * 2 / 1000], // Voxels of 2 × 1 × 1 mm.
      ["core", counted(2), counted(2) * 2 / 1000],
    ],
  );
  const expected = await formatOf("ball.nii.gz", "write").encodeSegmentation(
    prediction,
    "ball.nii.gz",
  );
  assert.equal(fileNameOf(one.name), "ball.nii.gz");
  assert.deepEqual(new Uint8Array(await one.file.arrayBuffer()), expected);
  assert.deepEqual((await labelMapOf(one)).data, prediction.data);
});

Deno.test("describeCase() adds up the labels of regions, and has no volumes of pictures", async () => {
  const regions = {
    ...facts,
    classes: [{ name: "whole", label: 1, labels: [1, 2] }, { name: "core", label: 2, labels: [2] }],
  };
  const { classes: [whole, core] } = await describeCase("a", image, prediction, regions, timing);
  assert.equal(whole.voxels, prediction.data.filter((one) => one > 0).length);
  assert(core.voxels < whole.voxels);

  const geometry = {
    ...plainGeometry([1, 4, 5]),
    spacing: [missingAxisSpacing([1, 1]), 1, 1] as const,
  };
  const picture = { ...countingImage([1, 4, 5]), geometry };
  const labels = { geometry, data: new Uint8Array(20).fill(1) };
  const { classes } = await describeCase("a", picture, labels, facts, timing);
  assert.deepEqual(classes.map(({ millilitres }) => millilitres), [undefined, undefined]);
});

Deno.test("compareWithTruth() computes Dice per class, also of regions", async () => {
  const one = await describeCase("a", image, prediction, facts, timing);
  const named = { ...truth, name: "truth.nii.gz" };
  const { dice } = await compareWithTruth(one, named);
  dice.forEach((value, i) => {
    const inBoth = truth.data.filter((label, voxel) =>
      label === i + 1 && prediction.data[voxel] === i + 1
    ).length;
    const inEach = [truth, prediction].map(({ data }) =>
      data.filter((label) => label === i + 1).length
    );
    assert.equal(value, 2 * inBoth / (inEach[0] + inEach[1]));
  });
  const small = { geometry: plainGeometry([1, 2, 3]), data: new Uint8Array(6), name: "b.nii" };
  await assert.rejects(
    compareWithTruth(one, small),
    /Cannot compare with b\.nii: it has 3 × 2 × 1 voxels, expected the scan's 20 × 32 × 24/,
  );
});

Deno.test("viewedCase() adds the truth and the errors to the viewer", async () => {
  const one = await describeCase("a", image, prediction, facts, timing);
  assert.deepEqual(viewedCase(one, 0).layers.map(({ name }) => name), ["Image", "Segmentation"]);
  const compared = await compareWithTruth(one, { ...truth, name: "t.nii.gz" });
  const { layers, layer, classes } = viewedCase(one, 0, compared);
  assert.deepEqual(layers.map(({ name }) => name), [
    "Image",
    "Ground truth",
    "Segmentation",
    "Errors",
  ]);
  assert.equal(layers[layer].name, "Segmentation");
  assert.deepEqual(classes.map(({ dice }) => dice), compared.dice);
});

Deno.test("inMillilitres() has three digits as far as they say something", () => {
  assert.deepEqual([0, 0.002, 0.5, 12.3456, 1234.5].map(inMillilitres), [
    "0",
    "< 0.01",
    "0.5",
    "12.3",
    "1235",
  ]);
});
