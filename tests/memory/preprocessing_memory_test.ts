import assert from "node:assert/strict";
import fc from "fast-check";
import { preprocessingBytes, workersThatFit } from "../../lib/memory/preprocessing_memory.ts";

const cases = [1, 6, 2, 5].map((bytes, i) => ({ name: `case_${i}`, bytes }));

Deno.test("workersThatFit() assumes that the largest cases run at the same time", () => {
  assert.equal(workersThatFit(cases, 8, 10), 1); // 6 + 5 is too much.
  assert.equal(workersThatFit(cases, 8, 11), 2);
  assert.equal(workersThatFit(cases, 8, 14), 4);
  assert.equal(workersThatFit(cases, 2, 14), 2);
  assert.equal(workersThatFit(cases, 8, 6), 1);
  assert.equal(workersThatFit([], 1, 0), 1);
});

Deno.test("workersThatFit() names a single case that exceeds the limit", () => {
  assert.throws(() => workersThatFit(cases, 8, 5), {
    name: "MemoryError",
    message: 'Cannot preprocess "case_1": the case needs about 6 B of memory, ' +
      "expected at most 5 B; raise the memory limit",
    requiredBytes: 6,
    availableBytes: 5,
  });
});

Deno.test("workersThatFit() never exceeds the limit, which one more worker could", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(sizes, fc.integer({ min: 100, max: 600 }), (bytes, limit) => {
    const workers = workersThatFit(bytes.map((n) => ({ name: "", bytes: n })), 99, limit);
    const together = (n: number) =>
      bytes.toSorted((a, b) => b - a).slice(0, n).reduce((sum, one) => sum + one, 0);
    assert.ok(together(workers) <= limit);
    assert.ok(workers === bytes.length || together(workers + 1) > limit);
  }));
});

Deno.test("preprocessingBytes() is at least what was measured", () => {
  // Above an idle process: 220 MiB for a head at 1 mm to 0.8 mm, 384 MiB for a CT, made coarser.
  assert.ok(preprocessingBytes(1, [160, 256, 256], [191, 289, 269]) > 220 * 2 ** 20);
  assert.ok(preprocessingBytes(1, [100, 512, 512], [100, 410, 410]) > 384 * 2 ** 20);
});

Deno.test("preprocessingBytes() grows with channels and with the resampled volume", () => {
  const one = preprocessingBytes(1, [99, 99, 99], [99, 99, 99]);
  assert.ok(preprocessingBytes(4, [99, 99, 99], [99, 99, 99]) > one);
  assert.ok(preprocessingBytes(1, [99, 99, 99], [200, 200, 200]) > one);
});
