import assert from "node:assert/strict";
import { normalizations, normalize } from "../../lib/preprocessing/normalize.ts";
import type { IntensityProperties, NormalizationScheme } from "../../lib/files/plans.ts";
import { assertClose, floats, golden, labels } from "./golden.ts";

const intensity: IntensityProperties = {
  mean: 80,
  std: 30,
  percentile005: 40,
  percentile995: 130,
  median: 80,
  min: 0,
  max: 255,
};

for (const { scheme, mask, values } of golden.normalization.results) {
  Deno.test(`normalizations.${scheme}${mask ? " with mask" : ""} agrees with nnU-Net`, () => {
    const actual = floats(golden.normalization.values);
    const segmentation = mask ? labels(golden.normalization.labels).data : undefined;
    normalizations[scheme as NormalizationScheme](actual.data, { segmentation, intensity });
    assertClose(actual, values, scheme);
  });
}

Deno.test("normalize() applies each channel's scheme", () => {
  const data = { shape: [2, 1, 1, 2], data: Float32Array.of(1, 3, 0, 255) };
  const segmentation = { shape: [1, 1, 2], data: Int16Array.of(0, 0) };
  normalize(data, segmentation, {
    schemes: ["ZScoreNormalization", "RGBTo01Normalization"],
    useMask: [false, false],
    intensityProperties: [intensity, intensity],
  });
  assert.deepEqual([...data.data], [-1, 1, 0, 1]);
});

Deno.test("normalizations.ZScoreNormalization keeps a constant image finite", () => {
  const values = new Float32Array(1000).fill(0.1);
  normalizations.ZScoreNormalization(values, {});
  assert.ok(values.every((value) => Math.abs(value) < 1e-3));
});

Deno.test("normalizations.ZScoreNormalization does not change an image outside the mask", () => {
  const values = Float32Array.of(4, 5);
  normalizations.ZScoreNormalization(values, { segmentation: Int16Array.of(-1, -1) });
  assert.deepEqual([...values], [4, 5]);
});

Deno.test("normalize() reports how many channels it expects", () => {
  const data = { shape: [1, 1, 1, 1], data: new Float32Array(1) };
  const segmentation = { shape: [1, 1, 1], data: new Int16Array(1) };
  const options = {
    schemes: ["NoNormalization", "NoNormalization"],
    useMask: [false, false],
    intensityProperties: [],
  } as const;
  assert.throws(() => normalize(data, segmentation, options), /1 channels, expected the plan's 2/);
});

Deno.test("normalizations.RGBTo01Normalization rejects values above 255", () => {
  assert.throws(() => normalizations.RGBTo01Normalization(Float32Array.of(0, 256), {}), RangeError);
});

Deno.test("normalizations.CTNormalization requires the data set's intensity statistics", () => {
  assert.throws(() => normalizations.CTNormalization(Float32Array.of(0), {}), TypeError);
});
