import assert from "node:assert/strict";
import { allClose, axisCodes, isPlanar, missingAxisSpacing } from "../../lib/image/geometry.ts";
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

Deno.test("allClose() has the tolerances of numpy.allclose()", () => {
  assert.ok(allClose([100, 0], [100.0009, 9e-9])); // 1e-8 + 1e-5 · 100.0009
  assert.ok(!allClose([100], [100.0011]));
  assert.ok(!allClose([0], [2e-8]));
  assert.ok(!allClose([1], [1, 1]));
});

Deno.test("isPlanar() recognises one slice with nnU-Net's spacing of the missing axis", () => {
  assert.equal(missingAxisSpacing([0.5, 2]), 1998); // 999 times the larger one.
  const grid = (depth: number, z: number) =>
    isPlanar({ ...plainGeometry([depth, 4, 4]), spacing: [z, 0.5, 2] });
  assert.deepEqual([grid(1, 1998), grid(1, 999), grid(2, 1998)], [true, false, false]);
});
