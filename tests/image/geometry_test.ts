import assert from "node:assert/strict";
import { axisCodes } from "../../lib/image/geometry.ts";
import { plainGeometry } from "./sample_images.ts";

Deno.test("axisCodes() names the nearest world axis of each voxel axis, as nibabel does", () => {
  const codes = (...rows: number[][]) =>
    axisCodes({
      ...plainGeometry([1, 1, 1]),
      affine: [...rows.flatMap((row) => [...row, 5]), 0, 0, 0, 1],
    });
  assert.equal(codes([2, 0, 0], [0, 2, 0], [0, 0, 2]), "RAS");
  assert.equal(codes([-2, 0, 0], [0, -3, 0], [0, 0, 4]), "LPS");
  assert.equal(codes([0, 0, 0.1], [1, 0, 0], [0, -9, 0]), "AIR");
  // Rotated by 37° about the vertical axis.
  assert.equal(codes([0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]), "RAS");
});
