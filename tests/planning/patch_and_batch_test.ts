import assert from "node:assert/strict";
import { presets } from "../../lib/planning/presets.ts";
import { planPatchAndBatch } from "../../lib/planning/patch_and_batch.ts";

const budget = {
  preset: presets.ExperimentPlanner,
  gpuMemoryTarget: 8,
  baseFeatures: 32,
  outputChannels: 3,
};
const hippocampus = { spacing: [1, 1, 1], medianShape: [36, 50, 35], voxels: 36 * 50 * 35 * 260 };

Deno.test("planPatchAndBatch() fills a batch with patches of small images", () => {
  const { patchSize, batchSize, architecture } = planPatchAndBatch(hippocampus, budget);
  assert.deepEqual(patchSize, [40, 56, 40]);
  assert.equal(batchSize, 9); // 5 % of the data set; 58 would fit.
  assert.deepEqual(architecture.featuresPerStage, [32, 64, 128, 256]);
});

Deno.test("planPatchAndBatch() fills the memory with slices", () => {
  const slices = { ...hippocampus, spacing: [1, 1], medianShape: [50, 35] };
  const { patchSize, batchSize } = planPatchAndBatch(slices, budget);
  assert.deepEqual(patchSize, [56, 40]);
  assert.equal(batchSize, 366); // Hippocampus in nnU-Net's own documentation.
});

Deno.test("planPatchAndBatch() shortens patches of large images until two fit", () => {
  const medianShape = [138, 169, 138];
  const voxels = 138 * 169 * 138 * 484;
  const planned = planPatchAndBatch({ spacing: [1, 1, 1], medianShape, voxels }, budget);
  assert.deepEqual(planned.patchSize, [128, 128, 128]);
  assert.equal(planned.batchSize, 2);
  assert.deepEqual(planned.architecture.featuresPerStage, [32, 64, 128, 256, 320, 320]);
});

Deno.test("planPatchAndBatch() needs less memory with fewer base features", () => {
  const slim = planPatchAndBatch(hippocampus, {
    ...budget,
    baseFeatures: 8,
    gpuMemoryTarget: 0.05,
  });
  const wide = planPatchAndBatch(hippocampus, { ...budget, gpuMemoryTarget: 0.05 });
  const voxels = (size: readonly number[]) => size.reduce((a, b) => a * b);
  assert.ok(voxels(slim.patchSize) > voxels(wide.patchSize));
});

Deno.test("planPatchAndBatch() rejects memory too small for any patch", () => {
  assert.throws(() => planPatchAndBatch(hippocampus, { ...budget, gpuMemoryTarget: 1e-9 }), {
    name: "RangeError",
    message:
      "Cannot plan a patch: even the smallest does not fit into 1e-9 GB at spacing [1, 1, 1] mm",
  });
});
