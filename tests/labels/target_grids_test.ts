import assert from "node:assert/strict";
import { targetGrids } from "../../lib/labels/target_grids.ts";
import type { CaseProperties } from "../../lib/preprocessing/preprocessed_case.ts";

const properties = {
  shapeAfterCropping: [10, 40, 30],
  spacingAfterTransposing: [5, 0.8, 0.7],
} as unknown as CaseProperties;

Deno.test("targetGrids() goes from the plan's spacing to the scan's, then to the next stages' grids", () => {
  assert.deepEqual(targetGrids(properties, { spacing: [4, 1, 1] }, [{ shape: [12, 50, 40] }]), [
    { shape: [10, 40, 30], spacing: [4, 1, 1], newSpacing: [5, 0.8, 0.7] },
    // nnU-Net passes this stage's spacing for both.
    { shape: [12, 50, 40], spacing: [4, 1, 1], newSpacing: [4, 1, 1] },
  ]);
});

Deno.test("targetGrids() takes the scan's own slices for a 2D plan", () => {
  assert.deepEqual(targetGrids(properties, { spacing: [1, 1] }), [
    { shape: [10, 40, 30], spacing: [5, 1, 1], newSpacing: [5, 0.8, 0.7] },
  ]);
});
