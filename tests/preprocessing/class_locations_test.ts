import assert from "node:assert/strict";
import {
  classesToLocate,
  classLocations,
  isAnnotated,
} from "../../lib/preprocessing/class_locations.ts";

Deno.test("classLocations() finds every voxel of a small label and no others", () => {
  const data = Int8Array.from({ length: 24 }, (_, i) => (i === 5 || i === 23 ? 2 : -1));
  const locations = classLocations({ shape: [2, 3, 4], data }, [1, 2]);
  assert.deepEqual([...locations.keys()], [2]);
  const flat = locations.get(2)!;
  const rows = [[...flat.subarray(0, 3)], [...flat.subarray(3)]].sort();
  assert.deepEqual(rows, [[0, 1, 1], [1, 2, 3]]);
});

Deno.test("classLocations() keeps ten thousand voxels of a large label, without repeats", () => {
  const data = new Int8Array(20 * 30 * 40).fill(1);
  const flat = classLocations({ shape: [20, 30, 40], data }, [1]).get(1)!;
  const voxels = new Set<number>();
  for (let i = 0; i < flat.length; i += 3) {
    voxels.add((flat[i] * 30 + flat[i + 1]) * 40 + flat[i + 2]);
  }
  assert.equal(flat.length, 30_000);
  assert.equal(voxels.size, 10_000);
});

Deno.test("classLocations() keeps a hundredth of a very large label's voxels", () => {
  const data = new Int8Array(1_000_101).fill(1);
  assert.equal(classLocations({ shape: [1, 1, 1_000_101], data }, [1]).get(1)!.length, 3 * 10_002);
});

Deno.test("classLocations() locates the labels of a region together", () => {
  const data = Int16Array.of(-1, 0, 1, 2, 3, 3);
  const classes = [[1, 2], 3, [-1, 0, 1, 2]];
  const locations = classLocations({ shape: [1, 1, 6], data }, classes);
  const columns = [...locations].map(([key, flat]) => [
    key,
    [...flat].filter((_, i) => i % 3 === 2).sort(),
  ]);
  assert.deepEqual(columns, [["1,2", [2, 3]], [3, [4, 5]], ["-1,0,1,2", [0, 1, 2, 3]]]);
});

Deno.test("classesToLocate() lists labels or regions and, with an ignore label, all others", () => {
  assert.deepEqual(classesToLocate({ background: 0, b: 2, a: 1 }), [1, 2]);
  const regions = { background: 0, whole: [1, 2], core: 2, ignore: 3 };
  assert.deepEqual(classesToLocate(regions), [[1, 2], 2, [-1, 0, 1, 2]]);
  assert.ok(isAnnotated("-1,0,1,2") && !isAnnotated("1,2") && !isAnnotated(1));
});
