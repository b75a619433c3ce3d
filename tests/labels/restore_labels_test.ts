import assert from "node:assert/strict";
import fc from "fast-check";
import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { inverseOrder } from "../array/inverse_order.ts";
import { forEachResampledPlane } from "../../lib/labels/resample_planes.ts";
import type { Image } from "../../lib/image/image.ts";
import { preprocessCase } from "../../lib/preprocessing/preprocess_case.ts";
import type { CaseProperties } from "../../lib/preprocessing/preprocessed_case.ts";
import { methodsTo } from "../../lib/labels/label_target.ts";
import type { AxisMethods, TwoTapMethod } from "../../lib/preprocessing/axis_methods.ts";
import { golden } from "../preprocessing/golden.ts";
import { scanLabelsOf } from "./labels_of_logits.ts";

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

Deno.test("restoreLabels() undoes preprocessing", async () => {
  const extent = fc.integer({ min: 1, max: 6 });
  const orders: [number, number, number][] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(extent, extent, extent),
      fc.constantFrom(...orders),
      fc.boolean(),
      fc.infiniteStream(fc.nat(9)),
      async (shape: Zyx, transposeForward, planar, stream) => {
        const intensities = Float32Array.from(stream.take(sizeOf(shape)), (v) => v > 7 ? v : 0);
        const truth = Uint8Array.from(intensities, (value, i) => value === 0 ? 0 : i % 3);
        const geometry = { shape, spacing: [2, 0.5, 1] as const, affine };
        const image: Image = { geometry, channels: 1, data: intensities };
        const spacing = transposeForward.map((axis) => geometry.spacing[axis]);
        const configuration = {
          spacing: planar ? spacing.slice(1) : spacing,
          normalizationSchemes: ["NoNormalization"] as const,
          useMaskForNorm: [false],
        };
        const { segmentation, properties } = await preprocessCase({
          name: "any",
          image,
          segmentation: { geometry, data: truth.slice() }, // Cropping overwrites it.
          plansData: { transposeForward, intensityProperties: [] },
          configuration,
          labels: [],
        });
        const labels = segmentation!.data;
        const logits = new Float32Array(3 * labels.length);
        labels.forEach((label, i) => logits[Math.max(label, 0) * labels.length + i] = 1);
        const [a, b, c] = inverseOrder(transposeForward);
        const exported = scanLabelsOf({ shape: [3, ...segmentation!.shape], data: logits }, {
          properties,
          plansData: { transposeBackward: [a, b, c] },
          configuration,
        });
        assert.deepEqual(exported.geometry, geometry);
        assert.deepEqual(exported.data, truth);
      },
    ),
    { seed: 1 },
  );
});

for (const { name, spacing, newSpacing, logits, resampledLogits } of golden.resampling) {
  Deno.test(`forEachResampledPlane() agrees with nnU-Net: ${name}`, () => {
    const [heads, ...shape] = resampledLogits.shape;
    const input = { shape: logits.shape, data: Float32Array.from(logits.data) };
    let planes = 0;
    const grid = { shape, spacing, newSpacing };
    const methods = methodsTo(grid, logits.shape.slice(1)) as AxisMethods<TwoTapMethod>;
    forEachResampledPlane(input, shape, methods, (z, head, plane) => {
      planes++;
      plane.forEach((value, i) => {
        const expected = resampledLogits.data[(head * shape[0] + z) * plane.length + i];
        // The golden file has six decimals.
        assert.ok(Math.abs(value - expected) < 2e-6);
      });
    });
    assert.equal(planes, heads * shape[0]);
  });
}

/** A case of one row, which preprocessing halved in length. */
const halved: CaseProperties = {
  geometry: { shape: [1, 1, 6], spacing: [1, 1, 1], affine },
  shapeBeforeCropping: [1, 1, 6],
  cropBox: [[0, 1], [0, 1], [2, 6]],
  shapeAfterCropping: [1, 1, 4],
  spacingAfterTransposing: [1, 1, 1],
};
const options = {
  properties: halved,
  plansData: { transposeBackward: [0, 1, 2] as const },
  configuration: { spacing: [1, 1, 2] },
};

Deno.test("restoreLabels() of resampled logits is background outside the crop", () => {
  // Label 1 leads by 1 on the left, label 2 by 9 on the right: 2 wins from a quarter of the row on.
  const logits = { shape: [3, 1, 1, 2], data: Float32Array.of(0, 0, 2, 0, 1, 9) };
  assert.deepEqual(scanLabelsOf(logits, options).data, Uint8Array.of(0, 0, 1, 2, 2, 2));
});

Deno.test("LabelTarget takes the nearest slice along a coarse axis", () => {
  const properties: CaseProperties = {
    geometry: { shape: [4, 1, 1], spacing: [4, 1, 1], affine },
    shapeBeforeCropping: [4, 1, 1],
    cropBox: [[0, 4], [0, 1], [0, 1]],
    shapeAfterCropping: [4, 1, 1],
    spacingAfterTransposing: [4, 1, 1],
  };
  // As above, but without blending: label 2 begins half-way.
  const logits = { shape: [3, 2, 1, 1], data: Float32Array.of(0, 0, 2, 0, 1, 9) };
  const exported = scanLabelsOf(logits, {
    ...options,
    properties,
    configuration: { spacing: [8, 1, 1] },
  });
  assert.deepEqual(exported.data, Uint8Array.of(1, 1, 2, 2));
});

Deno.test("LabelTarget prefers the first of equal logits", () => {
  const logits = { shape: [2, 1, 1, 2], data: Float32Array.of(1, 1, 1, 1) };
  assert.deepEqual(scanLabelsOf(logits, options).data, new Uint8Array(6));
});

Deno.test("LabelTarget uses 16 bits from label 256 on", () => {
  const logits = { shape: [300, 1, 1, 2], data: new Float32Array(600) };
  logits.data[2 * 299] = 1;
  assert.deepEqual(scanLabelsOf(logits, options).data, Uint16Array.of(0, 0, 299, 299, 299, 0));
  const narrow = { shape: [256, 1, 1, 2], data: new Float32Array(512) };
  assert.ok(scanLabelsOf(narrow, options).data instanceof Uint8Array);
});

Deno.test("LabelTarget separates the coarse axis of the plan's grid before the scan's", () => {
  // The scan's coarse axis, x, is interpolated: 2 and 1 between voxels 1 and 2 and 5 and 6, against
  // 1.5. With the nearest voxels it would be 3 and 4.
  const exported = scanLabelsOf(
    {
      shape: [2, 1, 1, 8],
      data: Float32Array.of(1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0, 1, 3, 0, 0, -2, 4, 0),
    },
    {
      properties: {
        geometry: { shape: [4, 1, 2], spacing: [1, 1, 4], affine },
        shapeBeforeCropping: [4, 1, 2],
        cropBox: [[0, 4], [0, 1], [0, 2]],
        shapeAfterCropping: [4, 1, 2],
        spacingAfterTransposing: [1, 1, 4],
      },
      plansData: { transposeBackward: [0, 1, 2] },
      configuration: { spacing: [4, 1, 1] },
    },
  );
  assert.deepEqual(exported.data, Uint8Array.of(1, 0, 1, 0, 1, 0, 1, 0));
});
