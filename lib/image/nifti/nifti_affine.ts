/** Converts NIfTI's quaternions to affine matrices and back. */

import { columnLength } from "../geometry.ts";
import { type Matrix3, nearestRotation } from "../nearest_rotation.ts";

/** A rotation with its offset and handedness, as stored in the qform. */
export interface Qform {
  /** Imaginary parts of a unit quaternion whose real part is not negative. */
  readonly quaternion: readonly [b: number, c: number, d: number];
  /** World position of the first voxel, (x, y, z) in RAS millimetres. */
  readonly offset: readonly [x: number, y: number, z: number];
  /** −1 if the z axis is mirrored, else 1. */
  readonly handedness: number;
}

/**
 * Row-major 4×4 affine of a qform.
 *
 * @param spacingXyz Millimetres per voxel, (x, y, z).
 * @param halfTurn Below this square of the quaternion's real part, the rotation is a half turn.
 * @see https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h method 2
 */
export function affineOfQform(
  { quaternion: [b, c, d], offset, handedness }: Qform,
  spacingXyz: readonly number[],
  halfTurn = 1e-7,
): number[] {
  let real = 1 - (b * b + c * c + d * d);
  // Rounding of a half turn to float32 can make the imaginary parts longer than 1.
  if (real < halfTurn) {
    const length = Math.hypot(b, c, d);
    [b, c, d, real] = [b / length, c / length, d / length, 0];
  }
  const a = Math.sqrt(real);
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
  ];
  const [x, y, z] = spacingXyz;
  const rows = rotation.flatMap((row, i) => [
    row[0] * x,
    row[1] * y,
    row[2] * z * handedness,
    offset[i],
  ]);
  return [...rows, 0, 0, 0, 1];
}

/**
 * The qform closest to an affine. A qform cannot represent shear, which is lost.
 *
 * @param affine Row-major 4×4.
 */
export function qformOfAffine(affine: readonly number[]): Qform {
  const rotation = nearestRotation([0, 1, 2].flatMap((row) => affine.slice(row * 4, row * 4 + 3)));
  const handedness = determinant(rotation) < 0 ? -1 : 1;
  const proper = rotation.map((value, entry) => entry % 3 === 2 ? value * handedness : value);
  return {
    quaternion: quaternionOf(proper),
    offset: [affine[3], affine[7], affine[11]],
    handedness,
  };
}

/** Whether a 4×4 affine is invertible, that is, its voxel axes are independent. */
export function isInvertible(affine: readonly number[]): boolean {
  const lengths = [0, 1, 2].map((axis) => columnLength(affine, axis));
  const units = [0, 1, 2].flatMap((row) =>
    lengths.map((length, axis) => affine[row * 4 + axis] / length)
  );
  return Math.abs(determinant(units)) > 1e-6; // False for NaN, from a zero or infinite axis.
}

function determinant([a, b, c, d, e, f, g, h, i]: Matrix3): number {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/** Imaginary parts of the quaternion of a proper rotation whose real part is not negative. */
function quaternionOf([r00, r01, r02, r10, r11, r12, r20, r21, r22]: Matrix3) {
  // The diagonal gives the squares of all four parts; dividing by the largest part is stable.
  const squares = [
    1 + r00 + r11 + r22,
    1 + r00 - r11 - r22,
    1 - r00 + r11 - r22,
    1 - r00 - r11 + r22,
  ];
  const largest = squares.indexOf(Math.max(...squares));
  const twice = Math.sqrt(squares[largest]);
  const [a, b, c, d] = [
    [squares[0], r21 - r12, r02 - r20, r10 - r01],
    [r21 - r12, squares[1], r01 + r10, r02 + r20],
    [r02 - r20, r01 + r10, squares[2], r12 + r21],
    [r10 - r01, r02 + r20, r12 + r21, squares[3]],
  ][largest].map((product) => product / (2 * twice));
  const sign = a < 0 ? -1 : 1;
  return [b * sign, c * sign, d * sign] as const;
}
