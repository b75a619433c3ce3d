import assert from "node:assert/strict";
import {
  normalizationScheme,
  planNormalization,
} from "../../lib/planning/normalization_schemes.ts";

function planned(channels: string[], relativeSize: number) {
  return planNormalization(channels, {
    spacings: [],
    shapesAfterCrop: [],
    medianRelativeSizeAfterCropping: relativeSize,
    intensityProperties: [],
  });
}

Deno.test("normalizationScheme() accepts nnU-Net's names in any case and defaults to z-score", () => {
  assert.equal(normalizationScheme("CT"), "CTNormalization");
  assert.equal(normalizationScheme("noNorm"), "NoNormalization");
  assert.equal(normalizationScheme("rescale_to_0_1"), "RescaleTo01Normalization");
  assert.equal(normalizationScheme("RGB_to_0_1"), "RGBTo01Normalization");
  assert.equal(normalizationScheme("zscore"), "ZScoreNormalization");
  assert.equal(normalizationScheme("T1"), "ZScoreNormalization");
  assert.equal(normalizationScheme("constructor"), "ZScoreNormalization");
});

Deno.test("planNormalization() masks z-score channels of mostly empty images", () => {
  assert.deepEqual(planned(["CT", "T1"], 0.74).useMaskForNorm, [false, true]);
  assert.deepEqual(planned(["CT", "T1"], 0.75).useMaskForNorm, [false, false]);
});
