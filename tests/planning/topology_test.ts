import assert from "node:assert/strict";
import fc from "fast-check";
import { planTopology } from "../../lib/planning/topology.ts";

/** Parses shapes: `133 111` is a kernel of 1 × 3 × 3, then one of 1 × 1 × 1. */
function stages(text: string): number[][] {
  return text.split(" ").map((stage) => [...stage].map(Number));
}

Deno.test("planTopology() halves all axes of isotropic patches together", () => {
  const topology = planTopology([1, 1, 1], [36, 50, 35]);
  assert.deepEqual(topology.strides, stages("111 222 222 222"));
  assert.deepEqual(topology.kernelSizes, stages("333 333 333 333"));
  assert.deepEqual(topology.divisors, [8, 8, 8]);
  assert.deepEqual(topology.patchSize, [40, 56, 40]);
});

Deno.test("planTopology() halves and convolves fine axes first", () => {
  const topology = planTopology([3.6, 0.625, 0.625], [20, 320, 256]);
  assert.deepEqual(topology.strides, stages("111 122 122 222 222 122 122"));
  assert.deepEqual(topology.kernelSizes, stages("133 133 333 333 333 333 333"));
  assert.deepEqual(topology.patchSize, [20, 320, 256]);
});

Deno.test("planTopology() keeps convolving an axis after others have become finer", () => {
  const { strides, kernelSizes } = planTopology([5, 1.5625, 1.5625], [18, 237, 208]);
  assert.deepEqual(strides, stages("111 122 222 222 122 122"));
  assert.deepEqual(kernelSizes, stages("133 333 333 333 333 333"));
});

Deno.test("planTopology() does not halve patches that are too short", () => {
  const topology = planTopology([1, 1], [7, 7]);
  assert.deepEqual(topology.strides, [[1, 1]]);
  assert.deepEqual(topology.kernelSizes, [[3, 3]]);
  assert.deepEqual(topology.patchSize, [7, 7]);
});

Deno.test("planTopology() halves a single axis only from 12 voxels", () => {
  assert.equal(planTopology([1, 1], [4, 11]).strides.length, 1);
  assert.equal(planTopology([1, 1], [4, 12]).strides.length, 2);
});

Deno.test("planTopology() follows a permutation of the axes", () => {
  const axis = fc.tuple(
    fc.double({ min: 0.2, max: 6, noNaN: true }),
    fc.integer({ min: 4, max: 300 }),
  );
  fc.assert(fc.property(fc.tuple(axis, axis, axis), (axes) => {
    const turn = <T>([z, y, x]: readonly T[]) => [x, z, y];
    const plain = planTopology(axes.map(([mm]) => mm), axes.map(([, size]) => size));
    const turned = planTopology(turn(axes).map(([mm]) => mm), turn(axes).map(([, size]) => size));
    assert.deepEqual(turned.strides, plain.strides.map(turn));
    assert.deepEqual(turned.kernelSizes, plain.kernelSizes.map(turn));
    assert.deepEqual(turned.patchSize, turn(plain.patchSize));
  }));
});

Deno.test("planTopology() leaves at least 4 voxels after halving", () => {
  const extent = fc.integer({ min: 4, max: 400 });
  const mm = fc.double({ min: 0.2, max: 6, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(mm, mm, mm), fc.tuple(extent, extent, extent), (spacing, size) => {
      const { patchSize, divisors } = planTopology(spacing, size);
      patchSize.forEach((voxels, axis) => {
        assert.ok(voxels >= size[axis] && voxels - size[axis] < divisors[axis]);
        assert.ok(voxels / divisors[axis] >= 4);
      });
    }),
  );
});
