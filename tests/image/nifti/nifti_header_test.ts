import assert from "node:assert/strict";
import { affineOfQform } from "../../../lib/image/nifti/nifti_affine.ts";
import { writeNiftiHeader } from "../../../lib/image/nifti/nifti_header.ts";
import { voxelTypes } from "../../../lib/image/voxels.ts";

/** Rotations with spacings 2, 3 and 4 mm; what nibabel's `set_qform()` writes for each. */
const orientations: [name: string, columns: number[], qfac: number, quaternion: number[]][] = [
  ["RAS", [2, 0, 0, 0, 3, 0, 0, 0, 4], 1, [0, 0, 0]],
  ["LPS", [-2, 0, 0, 0, -3, 0, 0, 0, 4], 1, [0, 0, 1]],
  ["LAS", [-2, 0, 0, 0, 3, 0, 0, 0, 4], -1, [0, 1, 0]],
  ["RAI", [2, 0, 0, 0, 3, 0, 0, 0, -4], -1, [0, 0, 0]],
  ["coronal", [2, 0, 0, 0, 0, 4, 0, 3, 0], -1, [0.707107, 0, 0]],
  [
    "turned by 200° about x",
    [2, 0, 0, 0, -2.819078, 1.368081, 0, -1.02606, -3.75877],
    1,
    [-0.984808, 0, 0],
  ],
  [
    "oblique",
    [
      -1.388544,
      1.730414,
      -1.721779,
      -1.165127,
      -2.404736,
      -0.538018,
      -0.845237,
      0.472136,
      3.570156,
    ],
    1,
    [0.231715, -0.006213, -0.920379],
  ],
  [
    "oblique, mirrored",
    [-1.285575, 2.298133, 0, 0.266044, 0.334857, -3.939231, 1.508813, 1.899067, 0.694593],
    -1,
    [-0.323744, -0.694272, -0.582563],
  ],
];

const offset = [10, -20, 30.5] as const;

function assertClose(found: readonly number[], expected: readonly number[]) {
  assert.equal(found.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(Math.abs(found[i] - value) < 2e-6, `${found}, expected ${expected}`)
  );
}

for (const [name, rows, qfac, quaternion] of orientations) {
  const affine = [
    ...[0, 1, 2].flatMap((row) => [...rows.slice(3 * row, 3 * row + 3), offset[row]]),
    ...[0, 0, 0, 1],
  ];

  Deno.test(`writeNiftiHeader() writes nibabel's qform and sform: ${name}`, () => {
    const geometry = { shape: [7, 6, 5], spacing: [4, 3, 2], affine } as const;
    const bytes = writeNiftiHeader(geometry, 1, voxelTypes.int16, "a.nii");
    const view = new DataView(bytes.buffer);
    const shorts = (at: number, count: number) =>
      Array.from({ length: count }, (_, i) => view.getInt16(at + 2 * i, true));
    const floats = (at: number, count: number) =>
      Array.from({ length: count }, (_, i) => view.getFloat32(at + 4 * i, true));
    // Fields by their offsets in nifti1.h.
    assert.equal(view.getInt32(0, true), 348);
    assert.deepEqual(shorts(40, 4), [3, 5, 6, 7]);
    assert.deepEqual(shorts(70, 2), [4, 16]); // int16 of 16 bits.
    assertClose(floats(76, 4), [qfac, 2, 3, 4]);
    assert.equal(view.getFloat32(108, true), 352);
    assert.equal(view.getUint8(123) & 7, 2); // Millimetres.
    assert.deepEqual(shorts(252, 2), [1, 1]); // Both place voxels in the scanner.
    assertClose(floats(256, 6), [...quaternion, ...offset]);
    assertClose(floats(280, 12), affine.slice(0, 12));
    assert.equal(new TextDecoder().decode(bytes.subarray(344, 348)), "n+1\0");
  });

  Deno.test(`affineOfQform() reads nibabel's qform: ${name}`, () => {
    const [b, c, d] = quaternion;
    const found = affineOfQform({ quaternion: [b, c, d], offset, handedness: qfac }, [2, 3, 4]);
    // The quaternions above have six decimals.
    found.forEach((value, i) => assert.ok(Math.abs(value - affine[i]) < 2e-5, `${found}`));
  });
}
