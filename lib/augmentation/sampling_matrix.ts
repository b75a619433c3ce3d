/** The matrix that maps voxels of a rotated and scaled patch to the source patch. */

/** Row-major 3×3 matrix acting on (z, y, x) columns. */
export type Matrix3 = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/**
 * Returns the matrix from a voxel's position in the new patch to its position in the old one, both
 * relative to the patch's centre: `R₂·R₁·R₀·S`, a scaling followed by rotations about axes 0, 1, 2.
 *
 * It acts on the sampling grid: a scaling above 1 makes objects smaller.
 *
 * @param angles Radians about the axes z, y, x.
 * @param scaling Factors along the axes z, y, x.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/spatial.py, create_affine_matrix_3d
 */
export function samplingMatrix(
  angles: readonly [number, number, number],
  scaling: readonly [number, number, number],
): Matrix3 {
  const [c0, c1, c2] = angles.map(Math.cos);
  const [s0, s1, s2] = angles.map(Math.sin);
  const [a, b, c] = scaling;
  // deno-fmt-ignore
  return [
    c2 * c1 * a, (c2 * s1 * s0 - s2 * c0) * b, (c2 * s1 * c0 + s2 * s0) * c,
    s2 * c1 * a, (s2 * s1 * s0 + c2 * c0) * b, (s2 * s1 * c0 - c2 * s0) * c,
    -s1 * a, c1 * s0 * b, c1 * c0 * c,
  ];
}
