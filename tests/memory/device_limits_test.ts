import assert from "node:assert/strict";
import { requireStepFits } from "../../lib/memory/device_limits.ts";

const needs = { bytes: 20e9, largestTensorBytes: 1e9 };

Deno.test("requireStepFits() accepts a step that fits exactly, and unknown limits", () => {
  requireStepFits("cuda", needs, {});
  requireStepFits("cuda", needs, { memoryBytes: 20e9, largestTensorBytes: 1e9 });
  assert.throws(() => requireStepFits("cuda", needs, { memoryBytes: 20e9 - 1 }));
  assert.throws(() => requireStepFits("cuda", needs, { largestTensorBytes: 1e9 - 1 }));
});

Deno.test("requireStepFits() says how much is needed and which share would fit", () => {
  assert.throws(() => requireStepFits("cuda", needs, { memoryBytes: 8e9 }), {
    name: "DeviceMemoryError",
    device: "cuda",
    what: "a training step",
    requiredBytes: 20e9,
    availableBytes: 8e9,
    message: "Cannot compute on cuda: a training step needs about 20.0 GB of memory, expected at " +
      "most 8.00 GB; a plan with 40 % of the voxels in a batch would fit: fewer patches, or " +
      "smaller ones by planning with `gpuMemoryTarget` at about 40 % of its present value",
  });
  assert.throws(() => requireStepFits("webgpu", needs, { largestTensorBytes: 250e6 }), {
    message:
      /the largest tensor of a training step needs about 1\.00 GB .* 250 MB; a plan with 25 %/,
    requiredBytes: 1e9,
    availableBytes: 250e6,
  });
});
