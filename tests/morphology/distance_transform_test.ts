import assert from "node:assert/strict";
import fc from "fast-check";
import { zyx } from "../../lib/array/nd_array.ts";
import { squaredDistances } from "../../lib/morphology/distance_transform.ts";
import golden from "../golden/morphology.json" with { type: "json" };

Deno.test("squaredDistances() agrees with SciPy to single precision", () => {
  for (const { shape, spacing, sources, distances } of golden.distances) {
    const mask = new Uint8Array(distances.length);
    for (const voxel of sources) mask[voxel] = 1;
    const squared = squaredDistances(mask, zyx(shape), zyx(spacing));
    distances.forEach((expected, i) =>
      assert.ok(Math.abs(Math.sqrt(squared[i]) - expected) <= 1e-7 * expected, `${shape} ${i}`)
    );
  }
});

Deno.test("squaredDistances() returns Infinity for an empty mask", () => {
  assert.deepEqual([...squaredDistances(new Uint8Array(2), [1, 1, 2], [1, 1, 1])], [
    Infinity,
    Infinity,
  ]);
});

Deno.test("squaredDistances() agrees with an exhaustive search", () => {
  const volume = fc.record({
    shape: fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 20 }),
    ),
    spacing: fc.tuple(...[1, 2, 3].map(() => fc.double({ min: 0.3, max: 5, noNaN: true }))),
    sources: fc.array(fc.nat(599), { minLength: 1, maxLength: 12 }),
  });
  fc.assert(fc.property(volume, ({ shape, spacing, sources }) => {
    const [, height, width] = shape;
    const size = shape[0] * height * width;
    const placeOf = (voxel: number) => [
      Math.floor(voxel / width / height) * spacing[0],
      Math.floor(voxel / width) % height * spacing[1],
      voxel % width * spacing[2],
    ];
    const mask = new Uint8Array(size);
    const places = sources.map((source) => {
      mask[source % size] = 1;
      return placeOf(source % size);
    });
    squaredDistances(mask, shape, zyx(spacing)).forEach((squared, voxel) => {
      const [z, y, x] = placeOf(voxel);
      const expected = Math.min(
        ...places.map(([a, b, c]) => (z - a) ** 2 + (y - b) ** 2 + (x - c) ** 2),
      );
      assert.ok(Math.abs(squared - expected) <= 3e-7 * expected);
    });
  }));
});
