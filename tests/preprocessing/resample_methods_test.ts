/** Every kind of resampling that plans may name, compared with nnU-Net's functions. */

import assert from "node:assert/strict";
import type { Zyx } from "../../lib/array/nd_array.ts";
import { formatPlans, parsePlans } from "../../lib/files/plans_json.ts";
import { splineResampling } from "../../lib/files/resampling.ts";
import { resampleTo } from "../../lib/labels/label_whole.ts";
import { restoreProbabilities } from "../../lib/labels/restore_probabilities.ts";
import { LabelThreads } from "../../lib/labels/label_threads.ts";
import { axisMatrix, type AxisMethod } from "../../lib/preprocessing/axis_methods.ts";
import { resampleImage } from "../../lib/preprocessing/resample.ts";
import { resampleSegmentation } from "../../lib/preprocessing/resample_segmentation.ts";
import { plannedGrid } from "../../lib/preprocessing/resampling_rules.ts";
import golden from "../golden/resampling.json" with { type: "json" };
import plansGolden from "../golden/plans.json" with { type: "json" };

Deno.test("axisMatrix() equals SciPy's and PyTorch's response to unit impulses", () => {
  for (const { method, from, to, matrix } of golden.axes) {
    const { data } = axisMatrix(method as AxisMethod, from, to);
    data.forEach((value, i) => {
      const where = `${JSON.stringify(method)} ${from} → ${to}, ${i}: ${value}, ${matrix[i]}`;
      // PyTorch computes the weights of its cubic convolution in float32.
      assert.ok(Math.abs(value - matrix[i]) < (method.kind === "torch" ? 6e-7 : 1e-11), where);
    });
  }
});

type Golden = (typeof golden.cases)[number];

const titleOf = ({ function: name, keywords, grid }: Golden) =>
  `${name} ${JSON.stringify(keywords)}, ${grid}`;

/** The plan's resampling, read from a plans file that names the function and its arguments. */
function resamplingOf({ function: name, keywords }: Golden) {
  const json = JSON.parse(plansGolden.texts["abdominal CT with a cascade"]);
  const labelled = name !== "no_resampling_hack";
  Object.assign(json.configurations["3d_fullres"], {
    resampling_fn_data: name,
    resampling_fn_data_kwargs: { ...keywords, ...labelled && { is_seg: false } },
    resampling_fn_seg: name,
    resampling_fn_seg_kwargs: { ...keywords, ...labelled && { is_seg: true } },
    resampling_fn_probabilities: name,
    resampling_fn_probabilities_kwargs: keywords,
  });
  const plans = parsePlans(JSON.stringify(json));
  // What is written again means the same.
  assert.deepEqual(parsePlans(formatPlans(plans)), plans);
  const configuration = plans.configurations["3d_fullres"];
  assert.ok(configuration, `${plans.unsupported?.["3d_fullres"]?.reason}`);
  return configuration.resampling ?? splineResampling;
}

for (const one of golden.cases) {
  const { image, labels, newShape, spacing, newSpacing } =
    golden.grids[one.grid as keyof typeof golden.grids];
  const keepsGrid = one.function === "no_resampling_hack";
  const shape = keepsGrid ? image.shape : newShape;

  Deno.test(`resampleImage() agrees with nnU-Net: ${titleOf(one)}`, async () => {
    const volume = { shape: [1, ...image.shape], data: Float32Array.from(image.data) };
    const resampled = await resampleImage(volume, shape, spacing, newSpacing, {
      resampling: resamplingOf(one).data,
      threads: 1,
    });
    assert.deepEqual(resampled.shape, [1, ...shape]);
    assertClose(resampled.data, one.image);
  });

  Deno.test(`resampleSegmentation() agrees with nnU-Net: ${titleOf(one)}`, () => {
    const map = { shape: labels.shape, data: Int16Array.from(labels.data) };
    const resampled = resampleSegmentation(
      map,
      shape,
      spacing,
      newSpacing,
      resamplingOf(one).segmentation,
    );
    assert.deepEqual([...resampled.data], one.labels);
  });

  Deno.test(`predictions are resampled as by nnU-Net: ${titleOf(one)}`, async () => {
    const { probabilities: resampling } = resamplingOf(one);
    const grid = { shape, spacing, newSpacing, resampling };
    // The second head is the negative of the first, so the label tells the sign.
    const data = Float32Array.from([...image.data.map((value) => -value), ...image.data]);
    const logits = { shape: [2, ...image.shape], data };
    const threads = new LabelThreads(1);
    const [decided] = await threads.label(
      image.shape,
      [grid],
      { count: 2 },
      async (visit) => await visit({ ...logits, origin: [0, 0, 0] }),
    );
    await threads.close();
    for (const [i, value] of one.image.entries()) {
      if (Math.abs(value) > 1e-4) assert.equal(decided[i], value > 0 ? 1 : 0, `${i}: ${value}`);
    }
    const resampled = await resampleTo(grid, logits);
    assertClose(resampled.data.subarray(one.image.length), one.image);
  });
}

Deno.test("restoreProbabilities() resamples as the plan says", async () => {
  const one = golden.cases.find(({ function: name, keywords }) =>
    name === "resample_torch_fornnunet" && keywords.mode === "bicubic"
  )!;
  const { image, newShape, spacing, newSpacing } =
    golden.grids[one.grid as keyof typeof golden.grids];
  const [z, y, x] = newShape;
  const configuration = { spacing, resampling: resamplingOf(one) };
  // The golden shapes are not those that follow from the spacings.
  const cropped = plannedGrid(configuration, newShape, newSpacing as unknown as Zyx).shape;
  assert.deepEqual(cropped.length, 3);
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const properties = {
    geometry: { shape: [z, y, x] as const, spacing: newSpacing as unknown as Zyx, affine },
    shapeBeforeCropping: [z, y, x] as const,
    cropBox: [[0, z], [0, y], [0, x]] as const,
    shapeAfterCropping: [z, y, x] as const,
    spacingAfterTransposing: newSpacing as unknown as Zyx,
  };
  const size = cropped.reduce((product, extent) => product * extent, 1);
  const data = Float32Array.from({ length: size }, (_, i) => image.data[i % image.data.length]);
  const { pieces } = await restoreProbabilities({ shape: [1, ...cropped], data }, {
    properties,
    plansData: { transposeBackward: [0, 1, 2] },
    configuration,
    heads: { count: 1, regions: [{ labels: [1], outputLabel: 1 }] },
  });
  const [found] = pieces as Iterable<Float32Array>;
  const grid = {
    shape: newShape,
    spacing,
    newSpacing,
    resampling: configuration.resampling.probabilities,
  };
  const expected = await resampleTo(grid, { shape: [1, ...cropped], data });
  assertClose(found, [...expected.data].map((value) => 1 / (1 + Math.exp(-value))));
});

function assertClose(found: ArrayLike<number>, expected: readonly number[]) {
  assert.equal(found.length, expected.length);
  for (const [i, value] of expected.entries()) {
    // The golden file has four decimals.
    assert.ok(Math.abs(found[i] - value) < 6e-5, `${i}: ${found[i]}, expected ${value}`);
  }
}
