import assert from "node:assert/strict";
import { parseNvidiaMemory } from "../../lib/platform/gpu_memory.ts";

Deno.test("parseNvidiaMemory() reads the first GPU", () => {
  const table = "NVIDIA H100 80GB HBM3, 81559, 80994\nNVIDIA A2, 15356, 100\n";
  assert.deepEqual(parseNvidiaMemory(table), {
    name: "NVIDIA H100 80GB HBM3",
    memoryBytes: 81559 * 2 ** 20,
    freeMemoryBytes: 80994 * 2 ** 20,
  });
  assert.equal(parseNvidiaMemory("No devices were found"), undefined);
});
