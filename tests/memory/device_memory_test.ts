import assert from "node:assert/strict";
import { parseNvidiaMemory } from "../../lib/memory/device_memory.ts";
import { DeviceMemoryError, explainFailure, requireFits } from "../../lib/memory/memory_error.ts";

Deno.test("parseNvidiaMemory() reads the first GPU", () => {
  const table = "NVIDIA H100 80GB HBM3, 81559, 80994\nNVIDIA A2, 15356, 100\n";
  assert.deepEqual(parseNvidiaMemory(table), {
    name: "NVIDIA H100 80GB HBM3",
    memory: 81559 * 2 ** 20,
    freeMemory: 80994 * 2 ** 20,
  });
  assert.equal(parseNvidiaMemory("No devices were found"), undefined);
});

Deno.test("requireFits() says what is needed and what share would fit", () => {
  const need = { bytes: 20 * 2 ** 30, largest: 2 ** 30 };
  requireFits("cuda", need, {});
  requireFits("cuda", need, { memory: 20 * 2 ** 30 });
  assert.throws(() => requireFits("cuda", need, { memory: 8 * 2 ** 30 }), {
    name: "DeviceMemoryError",
    message: "Cannot compute on cuda: a step needs 20.0 GB, it has 8.0; a plan with 40 % of the " +
      "voxels in a batch would fit: fewer patches, or smaller ones by planning with " +
      "gpuMemoryTarget at about 40 % of what it was",
  });
  assert.throws(() => requireFits("webgpu", need, { largestTensor: 2 ** 28 }), {
    message: /the largest tensor has 1\.0 GB, it takes 0\.3; a plan with 25 %/,
  });
});

Deno.test("explainFailure() tells a full memory from other failures", () => {
  const full = new Error(
    "BFCArena: Failed to allocate memory for requested buffer of size 123\nat",
  );
  const explained = explainFailure("cuda", full);
  assert.ok(explained instanceof DeviceMemoryError);
  assert.match(explained.message, /^Cannot compute on cuda: its memory is full; .*size 123$/);
  assert.equal(explained.cause, full);
  const other = new Error("Invalid model");
  assert.equal(explainFailure("cuda", other), other);
});
