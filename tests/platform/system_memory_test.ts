import assert from "node:assert/strict";
import { systemMemory } from "../../lib/platform/system_memory.ts";

Deno.test("systemMemory() counts bytes", () => {
  const { memoryBytes, freeMemoryBytes } = systemMemory();
  assert.ok(memoryBytes > 2 ** 28);
  assert.ok(freeMemoryBytes > 0 && freeMemoryBytes <= memoryBytes);
});
