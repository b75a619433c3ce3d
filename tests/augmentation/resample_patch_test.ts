import assert from "node:assert/strict";
import { resampleImage, resampleLabels } from "../../lib/augmentation/resample_patch.ts";

const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1] as const;
/** Maps the first voxel of two to position 0.4 on each axis. */
const toTwoFifths = [0.2, 0, 0, 0, 0.2, 0, 0, 0, 0.2] as const;

Deno.test("resampleImage() weights the eight voxels around a position", () => {
  const source = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  // The middle of a linear ramp.
  assert.deepEqual(Array.from(resampleImage(source, [2, 2, 2], identity, [1, 1, 1])), [4.5]);
  // 1 + 0.4 · (4 + 2 + 1)
  const [first] = resampleImage(source, [2, 2, 2], toTwoFifths, [2, 2, 2]);
  assert.ok(Math.abs(first - 3.8) < 1e-6);
});

Deno.test("resampleLabels() takes the label with the most weight, not the nearest voxel's", () => {
  // At 0.4 on each axis the nearest voxel has 0.216, its three neighbours 0.144 each.
  const labels = Int16Array.of(9, 5, 5, 1, 5, 2, 3, 4);
  assert.equal(resampleLabels(labels, [2, 2, 2], toTwoFifths, [2, 2, 2])[0], 5);
});

Deno.test("resampleLabels() takes the smallest of tied labels if the nearest voxel's is not tied", () => {
  // 5 has two neighbours of 0.144, 2 has three of 0.096, 9 the nearest, 7 the rest.
  const labels = Int16Array.of(9, 5, 5, 2, 7, 2, 2, 7);
  assert.equal(resampleLabels(labels, [2, 2, 2], toTwoFifths, [2, 2, 2])[0], 2);
});
