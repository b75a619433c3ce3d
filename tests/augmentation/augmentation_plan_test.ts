import assert from "node:assert/strict";
import { initialPatchSize, planAugmentation } from "../../lib/augmentation/augmentation_plan.ts";

Deno.test("planAugmentation() rotates compact volumes by up to 30° about every axis", () => {
  assert.deepEqual(planAugmentation([40, 56, 40]), {
    maxRotation: Math.PI / 6,
    slicewise: false,
    mirrorAxes: [0, 1, 2],
  });
});

Deno.test("planAugmentation() rotates flat volumes within their slices", () => {
  assert.equal(planAugmentation([20, 60, 40]).slicewise, false); // The ratio must exceed 3.
  assert.equal(planAugmentation([20, 40, 61]).slicewise, true);
  assert.equal(planAugmentation([61, 20, 40]).slicewise, false); // Only the first axis may be short.
  assert.deepEqual(planAugmentation([20, 320, 256]), {
    maxRotation: Math.PI,
    slicewise: true,
    mirrorAxes: [0, 1, 2],
  });
});

Deno.test("planAugmentation() rotates elongated slices by small angles, others by any", () => {
  assert.deepEqual(planAugmentation([56, 40]), {
    maxRotation: Math.PI,
    slicewise: false,
    mirrorAxes: [0, 1],
  });
  assert.equal(planAugmentation([512, 256]).maxRotation, Math.PI / 12);
  assert.equal(planAugmentation([40, 60]).maxRotation, Math.PI); // The ratio must exceed 1.5.
  assert.equal(planAugmentation([40, 61]).maxRotation, Math.PI / 12);
});

Deno.test("initialPatchSize() keeps the slices of a slicewise patch", () => {
  const size = initialPatchSize([20, 256, 224], { maxRotation: Math.PI, slicewise: true });
  assert.deepEqual(size, [20, 301, 301]);
});
