import assert from "node:assert/strict";
import { maskOutside, outsideToBackground } from "../../lib/augmentation/mask_outside.ts";
import type { Sample } from "../../lib/augmentation/transform.ts";

const sample: Sample = {
  image: { shape: [2, 1, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  segmentation: { shape: [1, 3], data: Int16Array.of(-1, 0, 2) },
};

Deno.test("maskOutside() zeroes voxels of label -1 in the selected channels", () => {
  const { image, segmentation } = maskOutside({ channels: [false, true] }).apply(sample);
  assert.deepEqual(Array.from(image.data), [1, 2, 3, 0, 5, 6]);
  assert.equal(segmentation, sample.segmentation);
  assert.equal(maskOutside({ channels: [false, false] }).apply(sample), sample);
});

Deno.test("outsideToBackground() changes only -1, to 0", () => {
  const { image, segmentation } = outsideToBackground().apply(sample);
  assert.deepEqual(Array.from(segmentation.data), [0, 0, 2]);
  assert.equal(image, sample.image);
  assert.equal(sample.segmentation.data[0], -1);
});
