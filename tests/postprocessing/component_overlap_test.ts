import assert from "node:assert/strict";
import fc from "fast-check";
import { compareLabels } from "../../lib/evaluation/overlap.ts";
import { overlapsOfLargest } from "../../lib/postprocessing/component_overlap.ts";
import { applySteps } from "../../lib/postprocessing/steps.ts";

Deno.test("overlapsOfLargest() equals the overlaps after each step", () => {
  const geometry = {
    shape: [2, 4, 5] as const,
    spacing: [1, 1, 1] as const,
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  };
  const voxels = fc.array(fc.tuple(fc.nat(3), fc.constantFrom(0, 0, 0, 1, 2)), {
    minLength: 40,
    maxLength: 40,
  });
  const ignoreLabel = fc.constantFrom(undefined, 3);
  const classes = [1, 2, [1, 2]];
  fc.assert(fc.property(voxels, ignoreLabel, (labels, ignoreLabel) => {
    const reference = { geometry, data: Uint8Array.from(labels, ([label]) => label) };
    const prediction = { geometry, data: Uint8Array.from(labels, ([, label]) => label) };
    const predicted = overlapsOfLargest(reference, prediction, classes, ignoreLabel);
    for (const [index, keepLargest] of classes.entries()) {
      const taken = applySteps({ geometry, data: prediction.data.slice() }, [{ keepLargest }]);
      const [found] = compareLabels(reference.data, taken.data, [keepLargest], ignoreLabel);
      assert.deepEqual(predicted[index], found);
    }
  }));
});

Deno.test("applySteps() gives the same result for labels together and one at a time", () => {
  const geometry = { shape: [1, 4, 10] as const, spacing: [1, 1, 1] as const, affine: [] };
  const labels = fc.array(fc.constantFrom(0, 0, 1, 2, 3), { minLength: 40, maxLength: 40 });
  const step = fc.constantFrom(1, 2, 3, [1, 2], [2, 3]).map((keepLargest) => ({ keepLargest }));
  fc.assert(fc.property(labels, fc.array(step, { maxLength: 5 }), (voxels, steps) => {
    const together = applySteps({ geometry, data: Uint8Array.from(voxels) }, steps);
    const single = { geometry, data: Uint8Array.from(voxels) };
    for (const each of steps) applySteps(single, [each]);
    assert.deepEqual(together.data, single.data);
  }));
});
