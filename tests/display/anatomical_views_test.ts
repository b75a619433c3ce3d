import assert from "node:assert/strict";
import { viewsOf } from "../../lib/display/anatomical_views.ts";

/** Returns an affine whose columns, for voxel axes x, y and z, are the given RAS directions. */
function affineOf(x: number[], y: number[], z: number[]): number[] {
  return [0, 1, 2].flatMap((row) => [x[row], y[row], z[row], 0]).concat([0, 0, 0, 1]);
}

function describe(affine: number[]) {
  return viewsOf({ shape: [4, 5, 6], spacing: [1, 1, 1], affine }).map((view) => ({
    name: view.name,
    across: `${view.across.reversed ? "-" : "+"}${"zyx"[view.across.axis]}`,
    down: `${view.down.reversed ? "-" : "+"}${"zyx"[view.down.axis]}`,
    sides: view.across.sides?.join(""),
    through: "zyx"[view.through],
  }));
}

Deno.test("viewsOf() puts the patient's right on the left and superior up in a RAS grid", () => {
  assert.deepEqual(describe(affineOf([1, 0, 0], [0, 1, 0], [0, 0, 1])), [
    { name: "axial", across: "-x", down: "-y", sides: "RL", through: "z" },
    { name: "coronal", across: "-x", down: "-z", sides: "RL", through: "y" },
    { name: "sagittal", across: "-y", down: "-z", sides: "AP", through: "x" },
  ]);
});

Deno.test("viewsOf() shows an LPS grid, as stored by DICOM, in the same orientation", () => {
  const [axial, coronal] = describe(affineOf([-1, 0, 0], [0, -1, 0], [0, 0, 1]));
  assert.deepEqual([axial.across, axial.down], ["+x", "+y"]);
  assert.deepEqual([coronal.across, coronal.down], ["+x", "-z"]);
});

Deno.test("viewsOf() finds the axes of a sagittally stored, oblique grid", () => {
  // x points to anterior, y to inferior, z to the left, all rotated by a few degrees.
  const [axial, coronal, sagittal] = describe(
    affineOf([0.1, 0.9, 0.2], [0.1, 0.2, -2], [-3, 0.3, 0.1]),
  );
  assert.deepEqual([axial.across, axial.down, axial.through], ["+z", "-x", "y"]);
  assert.deepEqual([coronal.across, coronal.down, coronal.through], ["+z", "+y", "x"]);
  assert.deepEqual([sagittal.across, sagittal.down, sagittal.through], ["-x", "+y", "z"]);
});

Deno.test("viewsOf() shows a 2D image as it is stored", () => {
  const [view, ...others] = viewsOf({
    shape: [1, 5, 6],
    spacing: [1, 1, 1],
    affine: affineOf([1, 0, 0], [0, 1, 0], [0, 0, 1]),
  });
  assert.equal(others.length, 0);
  assert.deepEqual(view.across, { axis: 2, reversed: false });
  assert.deepEqual(view.down, { axis: 1, reversed: false });
});
