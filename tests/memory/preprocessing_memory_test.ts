import assert from "node:assert/strict";
import { peakBytes, workersWithin } from "../../lib/memory/preprocessing_memory.ts";

Deno.test("workersWithin() lets the largest cases meet", () => {
  assert.equal(workersWithin(10, [1, 6, 2, 5]), 1); // 6 + 5 is too much.
  assert.equal(workersWithin(11, [1, 6, 2, 5]), 2);
  assert.equal(workersWithin(14, [1, 6, 2, 5]), 4);
  assert.equal(workersWithin(5, [1, 6, 2, 5]), 0);
});

Deno.test("peakBytes() covers what was measured", () => {
  // Above an idle process: 220 MiB for a head at 1 mm to 0.8 mm, 384 MiB for a CT, made coarser.
  assert.ok(peakBytes(1, [160, 256, 256], [191, 289, 269]) > 220 * 2 ** 20);
  assert.ok(peakBytes(1, [100, 512, 512], [100, 410, 410]) > 384 * 2 ** 20);
});

Deno.test("peakBytes() grows with channels and with the resampled volume", () => {
  const one = peakBytes(1, [99, 99, 99], [99, 99, 99]);
  assert.ok(peakBytes(4, [99, 99, 99], [99, 99, 99]) > one);
  assert.ok(peakBytes(1, [99, 99, 99], [200, 200, 200]) > one);
});
