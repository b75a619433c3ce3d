import assert from "node:assert/strict";
import fc from "fast-check";
import {
  paddedSize,
  placeTiles,
  tileOrigins,
  tileStarts,
  viewsOf,
} from "../../lib/window/tiles.ts";
import golden from "../golden/inference.json" with { type: "json" };

Deno.test("tileStarts() returns nnU-Net's starts for worked examples", () => {
  assert.deepEqual(tileStarts([110], [64], 0.5), [[0, 23, 46]]);
  assert.deepEqual(tileStarts([300], [128], 0.5), [[0, 57, 115, 172]]);
  assert.deepEqual(tileStarts([162], [128], 0.5), [[0, 34]]);
  assert.deepEqual(tileStarts([128], [64], 0.5), [[0, 32, 64]]);
});

Deno.test("tileStarts() rounds half to even", () => {
  // 15 voxels in 6 steps of 2.5.
  assert.deepEqual(tileStarts([20], [5], 0.5), [[0, 2, 5, 8, 10, 12, 15]]);
});

for (const { size, tile, step, starts } of golden.steps) {
  Deno.test(`tileStarts() agrees with nnU-Net for [${size}] by [${tile}], step ${step}`, () => {
    assert.deepEqual(tileStarts(size, tile, step), starts);
  });
}

Deno.test("tileStarts() covers the whole axis without gaps", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 40 }),
    fc.nat(100),
    fc.double({ min: 0.05, max: 1, noNaN: true }),
    (tile, more, step) => {
      const [starts] = tileStarts([tile + more], [tile], step);
      assert.equal(starts[0], 0);
      assert.equal(starts.at(-1), more);
      for (const [i, start] of starts.slice(1).entries()) {
        // Rounding both ends can lengthen a step by less than a voxel.
        assert.ok(start - starts[i] < tile * step + 1);
      }
    },
  ));
});

Deno.test("tileStarts() rejects tiles that exceed the image and invalid steps", () => {
  assert.throws(() => tileStarts([8, 8], [8, 9], 0.5), {
    name: "RangeError",
    message: "Cannot place tiles: a tile of [8,9] exceeds [8,8]",
  });
  for (const step of [0, -1, 1.01, NaN]) {
    assert.throws(() => tileStarts([8], [4], step), {
      name: "RangeError",
      message: `Cannot place tiles: step size is ${step}, expected above 0 and at most 1`,
    });
  }
});

Deno.test("tileOrigins() combines starts, the last axis fastest", () => {
  assert.deepEqual(tileOrigins([[0, 5], [1], [2, 3]]), [[0, 1, 2], [0, 1, 3], [5, 1, 2], [
    5,
    1,
    3,
  ]]);
});

Deno.test("placeTiles() pads a volume smaller than the tile", () => {
  assert.deepEqual(placeTiles([4, 3, 9], [4, 6, 6]), {
    tileSize: [4, 6, 6],
    paddedSize: [4, 6, 9],
    before: [0, 1, 0],
    starts: [[0], [0], [0, 3]],
  });
});

Deno.test("placeTiles() places tiles on every slice for a 2D network", () => {
  assert.deepEqual(placeTiles([3, 4, 7], [4, 8], 1), {
    tileSize: [1, 4, 8],
    paddedSize: [3, 4, 8],
    before: [0, 0, 0],
    starts: [[0, 1, 2], [0], [0]],
  });
});

Deno.test("viewsOf() returns axes of the volume, also for a 2D tile", () => {
  assert.deepEqual(viewsOf([4, 4, 4], [0, 2]), [[], [0], [2], [0, 2]]);
  assert.deepEqual(viewsOf([4, 4], [0]), [[], [1]]);
  assert.deepEqual(viewsOf([4, 4], []), [[]]);
});

Deno.test("paddedSize() is the tile's extent along axes where the volume is smaller", () => {
  assert.deepEqual(paddedSize([4, 20, 16], [8, 16, 16]), [8, 20, 16]);
  assert.deepEqual(paddedSize([4, 20, 8], [16, 16]), [4, 20, 16]);
});
