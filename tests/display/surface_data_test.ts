import assert from "node:assert/strict";
import { numberedClasses, surfaceGrid } from "../../lib/display/surface_data.ts";
import { plainGeometry } from "../image/sample_images.ts";

Deno.test("numberedClasses() numbers drawn labels from 1 on, and hides the others", () => {
  assert.deepEqual([...numberedClasses(Uint16Array.of(0, 7, 300, 2), [300, 7])], [0, 2, 1, 0]);
});

Deno.test("surfaceGrid() keeps positions where it merges voxels", () => {
  const shape = [256, 256, 256] as const;
  const grid = surfaceGrid(new Uint8Array(256 ** 3), plainGeometry(shape));
  assert.deepEqual(grid.shape, [128, 128, 128]);
  assert.deepEqual(grid.spacing, [2, 2, 2]);
  assert.deepEqual(grid.affine, [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]);
});
