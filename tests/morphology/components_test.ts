import assert from "node:assert/strict";
import fc from "fast-check";
import { findComponents, keepComponents } from "../../lib/morphology/components.ts";
import golden from "../golden/components.json" with { type: "json" };

Deno.test("findComponents() agrees with scikit-image for every label and connectivity", () => {
  for (const { shape, data, sizes } of golden) {
    for (const connectivity of ["faces", "corners"] as const) {
      const found = findComponents(Uint8Array.from(data), shape, connectivity);
      const byLabel = Object.entries(sizes[connectivity]).map(([label]) =>
        found.sizes.filter((_, component) => found.labels[component] === Number(label))
      );
      assert.deepEqual(byLabel, Object.values(sizes[connectivity]), `${shape} ${connectivity}`);
    }
  }
});

Deno.test("findComponents() connects adjacent rows, but not the end of one with the start of the next", () => {
  const { sizes, runs } = findComponents(Uint16Array.of(0, 0, 300, 300, 0, 0), [2, 3]);
  assert.deepEqual(sizes, [1, 1]);
  assert.deepEqual([...runs.begins], [2, 3]);
  assert.deepEqual([...runs.ends], [3, 4]);
});

Deno.test("findComponents() separates different labels that touch", () => {
  const { labels, sizes } = findComponents(Uint8Array.of(1, 1, 2, 2, 1, 1), [2, 3]);
  assert.deepEqual(labels, [1, 2, 2]);
  assert.deepEqual(sizes, [4, 1, 1]);
});

Deno.test("findComponents() rejects a fourth axis", () => {
  assert.throws(() => findComponents(new Uint8Array(16), [2, 2, 2, 2]), {
    name: "RangeError",
    message: "Cannot find components: shape is [2,2,2,2], expected at most 3 axes and " +
      "2^32 - 1 voxels",
  });
});

Deno.test("findComponents() finds the same sizes for any order of axes", () => {
  const volume = fc.record({
    shape: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(4)),
    values: fc.array(fc.nat(2), { minLength: 125, maxLength: 125 }),
    connectivity: fc.constantFrom("faces" as const, "corners" as const),
  });
  fc.assert(fc.property(volume, ({ shape: [depth, height, w], values, connectivity }) => {
    const width = w + 1;
    const data = Uint8Array.from(values.slice(0, depth * height * width));
    const permuted = new Uint8Array(data.length); // Axes in the order x, z, y.
    data.forEach((label, i) => {
      const [z, y, x] = [Math.floor(i / width / height), Math.floor(i / width) % height, i % width];
      permuted[(x * depth + z) * height + y] = label;
    });
    const sizesOf = (map: Uint8Array, shape: number[]) => {
      const { sizes, labels } = findComponents(map, shape, connectivity);
      return sizes.map((size, component) => labels[component] * 1000 + size).sort((a, b) => a - b);
    };
    assert.deepEqual(
      sizesOf(permuted, [width, depth, height]),
      sizesOf(data, [depth, height, width]),
    );
  }));
});

Deno.test("keepComponents() clears the other components", () => {
  const data = Uint8Array.of(1, 0, 2, 2, 0, 1);
  const components = findComponents(data, [6]);
  keepComponents(data, components, (component) => components.labels[component] === 1);
  assert.deepEqual([...data], [1, 0, 0, 0, 0, 1]);
});
