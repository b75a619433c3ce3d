import assert from "node:assert/strict";
import fc from "fast-check";
import { DeviceMemoryError } from "../../lib/memory/memory_error.ts";
import { type NetworkNeeds, patchesThatFit } from "../../lib/memory/window_memory.ts";

const needs: NetworkNeeds = {
  weightBytes: 500_000,
  patchBytes: 90_000,
  largestTensorBytes: 40_000,
  channels: 2,
  isBatchFree: true,
};
const sizes = { device: "webgpu", heads: 3, tileSize: [8, 16, 16] } as const;
const volume = [20, 40, 40] as const; // 32 000 voxels
/** Bytes per voxel: the volume's channels, and three times the logits with their weight. */
const perVoxel = 4 * (2 + 3 * (3 + 1));
const withPatches = (n: number) => 500_000 + n * 90_000 + 32_000 * perVoxel;

Deno.test("patchesThatFit() chooses as many patches as the memory holds", () => {
  const fit = (memoryBytes?: number, largestTensorBytes?: number) =>
    patchesThatFit(needs, sizes, [...volume], { memoryBytes, largestTensorBytes });
  assert.equal(fit(), 32);
  assert.equal(fit(withPatches(9)), 8);
  assert.equal(fit(withPatches(2)), 2);
  assert.equal(fit(withPatches(2) - 1), 1);
  assert.equal(fit(withPatches(1)), 1);
  assert.throws(() => fit(withPatches(1) - 1), DeviceMemoryError);
  // The sums take 16 bytes per voxel; 12 patches have a tensor of 480 000 bytes.
  assert.equal(fit(Infinity, 32_000 * 16), 8);
  assert.throws(() => fit(Infinity, 32_000 * 16 - 1), DeviceMemoryError);
  assert.equal(patchesThatFit(needs, sizes, [...volume], {}, 2), 2);
  // One patch of this size is enough to fill a GPU.
  assert.equal(patchesThatFit(needs, { ...sizes, tileSize: [192, 192, 192] }, [...volume]), 1);
  assert.equal(patchesThatFit({ ...needs, isBatchFree: false }, sizes, [...volume]), 1);
});

Deno.test("patchesThatFit() says how much is needed and what would fit", () => {
  const memoryBytes = 590_000 + 20_000 * perVoxel;
  const check = (limits: object) => () => patchesThatFit(needs, sizes, [...volume], limits);
  assert.throws(check({ memoryBytes }), {
    name: "DeviceMemoryError",
    message: "Cannot compute on webgpu: a volume of 20 × 40 × 40 voxels with 3 classes, with " +
      "590 kB for the network, needs about 2.38 MB of memory, expected at most 1.71 MB; volumes " +
      'of up to 0.0200 million voxels fit; device "cpu" needs less',
    requiredBytes: withPatches(1),
    availableBytes: memoryBytes,
  });
  assert.throws(check({ memoryBytes: 500_000 }), /no volume fits, because the plan's patch is too/);
  assert.throws(check({ largestTensorBytes: 10_000 * 16 }), {
    message: /the largest tensor of a volume of 20 × 40 × 40 voxels .*0\.0100 million voxels fit/,
    requiredBytes: 32_000 * 16,
    availableBytes: 10_000 * 16,
  });
});

Deno.test("patchesThatFit() chooses powers of two that grow with the memory", () => {
  const bytes = fc.nat({ max: 4_000_000 });
  fc.assert(fc.property(bytes, bytes, (less, more) => {
    const fit = (spare: number) =>
      patchesThatFit(needs, sizes, [...volume], { memoryBytes: withPatches(1) + spare });
    const [few, many] = [fit(less), fit(less + more)];
    assert.ok(Number.isInteger(Math.log2(few)) && few <= many && many <= 32);
    assert.ok(withPatches(few) <= withPatches(1) + less);
  }));
});
