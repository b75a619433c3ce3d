/** Finds the rotation in a 3×3 matrix that also stretches and shears. */

/** A row-major 3×3 matrix. */
export type Matrix3 = readonly number[];

/**
 * The orthogonal matrix nearest to a matrix whose columns are voxel axes, by its singular values: the
 * rotation without the stretch. A direction in which the matrix has no extent stays without one.
 *
 * Columns are scaled to unit length first, so that a coarse axis has no more weight than a fine one.
 * Jacobi's one-sided method is used, which also finds tiny singular values accurately.
 *
 * @returns Row-major 3×3; NaN if the matrix is not finite.
 */
export function nearestRotation(matrix: Matrix3): Matrix3 {
  const columns = [0, 1, 2].map((axis) => [matrix[axis], matrix[3 + axis], matrix[6 + axis]]);
  const units = columns.map((column) => {
    const length = Math.hypot(...column) || 1;
    return column.map((value) => value / length);
  });
  if (!units.flat().every(Number.isFinite)) return matrix.map(() => NaN);
  const turned = units.map((column) => [...column]);
  const rotation = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]; // Columns.
  for (let sweep = 0; sweep < 40; sweep++) {
    let change = 0;
    for (const [a, b] of [[0, 1], [0, 2], [1, 2]]) {
      change = Math.max(change, orthogonalize(turned, rotation, a, b));
    }
    if (change < 1e-15) break;
  }
  const lengths = turned.map((column) => Math.hypot(...column));
  const smallest = Math.max(...lengths) * 3 * Number.EPSILON;
  return Array.from({ length: 9 }, (_, entry) => {
    const [row, column] = [Math.floor(entry / 3), entry % 3];
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      if (lengths[k] > smallest) sum += turned[k][row] / lengths[k] * rotation[k][column];
    }
    return sum;
  });
}

/** Turns two columns so that they are orthogonal; returns the cosine between them before. */
function orthogonalize(turned: number[][], rotation: number[][], a: number, b: number): number {
  const product = dot(turned[a], turned[b]);
  const [squareA, squareB] = [dot(turned[a], turned[a]), dot(turned[b], turned[b])];
  const scale = Math.sqrt(squareA * squareB);
  if (product === 0 || scale === 0) return 0;
  const zeta = (squareB - squareA) / (2 * product);
  const tangent = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (const columns of [turned, rotation]) {
    for (let row = 0; row < 3; row++) {
      const [one, other] = [columns[a][row], columns[b][row]];
      columns[a][row] = cosine * one - sine * other;
      columns[b][row] = sine * one + cosine * other;
    }
  }
  return Math.abs(product) / scale;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
