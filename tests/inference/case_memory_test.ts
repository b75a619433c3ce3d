import assert from "node:assert/strict";
import { caseMemory, type MemoryFacts } from "../../lib/inference/case_memory.ts";
import { MemoryError } from "../../lib/memory/memory_error.ts";
import { type PlannedResampling, splineResampling } from "../../lib/files/resampling.ts";
import { networkNeeds } from "../../lib/window/device/network_needs.ts";
import { tinyInferenceModel } from "./tiny_inference_model.ts";

const options = {
  device: "webgpu",
  heads: 3,
  tileSize: [8, 16, 16],
  gaussian: true,
} as const;
const model = tinyInferenceModel({ ...options, channels: 2 });
const needs = networkNeeds([model, model], options);
/** Bytes per voxel: the volume's channels, and three times the logits with their weight. */
const perVoxel = 4 * (2 + 3 * (3 + 1));

const facts: MemoryFacts = {
  plansData: { transposeForward: [1, 0, 2] },
  configuration: { spacing: [2, 1, 1], patchSize: options.tileSize },
  inputChannels: 2,
  heads: { count: 3 },
};
// On the plan's grid, (20, 40, 40), with the first two axes exchanged.
const scan = { shape: [40, 40, 40], spacing: [1, 1, 1] } as const;

Deno.test("caseMemory() rejects a case that needs too much memory, and says how much", () => {
  const onCpu = caseMemory([model], facts, { device: "cpu", half: false });
  onCpu.requireFits("a", scan, false, 1e9);
  assert.throws(() => onCpu.requireFits("a", scan, false, 1e6), {
    name: "MemoryError",
    message:
      /^Cannot predict "a": a scan of 40 × 40 × 40 voxels needs about .* MB of memory, expected /,
  });
  // Probabilities need all logits at once, and a thousand folds need their weights.
  const most = onCpu.bytesOf(scan, false);
  const large = { ...scan, shape: [400, 400, 400] } as const;
  assert.throws(() => onCpu.requireFits("a", large, true, 1e9), MemoryError);
  onCpu.requireFits("a", scan, false, most);
  assert.throws(() => onCpu.requireFits("a", scan, false, most - 1), MemoryError);
  const many = caseMemory(new Array(1000).fill(model), facts, { device: "cpu", half: false });
  assert.throws(() => many.requireFits("a", scan, false, most), MemoryError);
});

Deno.test("caseMemory() compares with a GPU's memory on the plan's grid", () => {
  const limits = { memoryBytes: needs.weightBytes + needs.patchBytes + 33_000 * perVoxel };
  const onGpu = caseMemory([model, model], facts, { device: "webgpu", half: false, limits });
  onGpu.requireFits("a", scan, false, 1e9);
  assert.throws(() => onGpu.requireFits("a", { ...scan, spacing: [1, 2, 1] }, false, 1e9), {
    name: "DeviceMemoryError",
    message: /^Cannot compute on webgpu: a volume of 40 × 40 × 40 voxels with 3 classes, /,
  });
});

Deno.test("caseMemory() counts all logits if the plan resamples them by splines of many voxels", () => {
  const { data: cubic, ...linear } = splineResampling;
  const neededWith = (resampling: PlannedResampling, probabilities: boolean) => {
    const configuration = { ...facts.configuration, resampling };
    const many = { ...facts, heads: { count: 300 }, configuration };
    return caseMemory([model], many, { device: "cpu", half: false }).bytesOf(scan, probabilities);
  };
  const usual = { data: cubic, ...linear };
  const other = { ...usual, probabilities: cubic };
  assert.ok(neededWith(other, false) > 1.05 * neededWith(usual, false));
  assert.ok(neededWith(other, true) > 1.05 * neededWith(usual, true));
});
