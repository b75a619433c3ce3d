/** Compares the two transforms of a NIfTI header as ITK does. */

/** Tolerance of ITK's comparisons. */
const tolerance = 1e-4;

/**
 * Whether ITK considers a sform and a qform to be very similar: their offsets agree, and so do the
 * singular values and the left singular vectors of their matrices.
 *
 * Right singular vectors are not compared, so two transforms whose voxel axes point in opposite
 * directions may be similar, too. Which of them are depends on the signs that the decomposition
 * happens to give the vectors; {@link leftSingular} therefore follows the steps of LINPACK, which ITK
 * uses.
 *
 * @param sform Row-major 4×4, like `qform`.
 */
export function haveSameStretch(sform: readonly number[], qform: readonly number[]): boolean {
  const offsets = [3, 7, 11].every((entry) => near(sform[entry], qform[entry]));
  if (!offsets) return false;
  const [a, b] = [leftSingular(columnsOf(sform)), leftSingular(columnsOf(qform))];
  if (!a.values.every((value, i) => near(value, b.values[i]))) return false;
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      let product = 0;
      for (let k = 0; k < 3; k++) product += a.vectors[k][row] * b.vectors[k][column];
      if (!near(product, row === column ? 1 : 0)) return false;
    }
  }
  return true;
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= tolerance;
}

/** The columns of an affine's 3×3 part. */
function columnsOf(affine: readonly number[]): number[][] {
  return [0, 1, 2].map((axis) => [0, 4, 8].map((row) => affine[row + axis]));
}

/**
 * Singular values, the largest first, and left singular vectors of a 3×3 matrix, by reflections to
 * two diagonals and QR steps on these (Golub and Reinsch, Numerische Mathematik 14, 1970).
 *
 * @param x The matrix's columns.
 */
function leftSingular(x: number[][]): { values: number[]; vectors: number[][] } {
  const s = [0, 0, 0]; // The diagonal.
  const e = [0, 0, 0]; // Above the diagonal.
  const u = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]; // Columns.
  for (let l = 0; l < 2; l++) {
    s[l] = reflector(x[l], l);
    for (let j = l + 1; j < 3; j++) {
      if (s[l] !== 0) reflect(x[l], x[j], l);
      e[j] = x[j][l];
    }
    for (let i = l; i < 3; i++) u[l][i] = x[l][i];
    s[l] = -s[l];
    if (l > 0) continue;
    const right = [0, e[1], e[2]];
    const length = reflector(right, 1);
    if (length !== 0) {
      for (let i = 1; i < 3; i++) {
        const sum = right[1] * x[1][i] + right[2] * x[2][i];
        for (let j = 1; j < 3; j++) x[j][i] -= right[j] / right[1] * sum;
      }
    }
    e[0] = -length;
  }
  s[2] = x[2][2];
  e[1] = x[2][1];
  e[2] = 0;
  u[2] = [0, 0, 1];
  for (let l = 1; l >= 0; l--) {
    if (s[l] === 0) {
      u[l] = [0, 1, 2].map((i) => i === l ? 1 : 0);
      continue;
    }
    for (let j = l + 1; j < 3; j++) reflect(u[l], u[j], l);
    u[l] = u[l].map((value, i) => i < l ? 0 : (i === l ? 1 : 0) - value);
  }
  diagonalize(s, e, u);
  return { values: s, vectors: u };
}

/**
 * Makes a vector's part from `l` on a reflection that maps it to a multiple of the unit vector `l`, in
 * place.
 *
 * @returns The part's length, with the sign of its first entry.
 */
function reflector(vector: number[], l: number): number {
  let length = Math.hypot(...vector.slice(l));
  if (length === 0) return 0;
  if (vector[l] < 0) length = -length;
  for (let i = l; i < 3; i++) vector[i] /= length;
  vector[l] += 1;
  return length;
}

/** Applies the reflection of {@link reflector} to another vector, in place. */
function reflect(reflection: readonly number[], vector: number[], l: number) {
  let product = 0;
  for (let i = l; i < 3; i++) product += reflection[i] * vector[i];
  for (let i = l; i < 3; i++) vector[i] -= product / reflection[l] * reflection[i];
}

/** Makes the entries above the diagonal zero, in place; values become positive and descend. */
function diagonalize(s: number[], e: number[], u: number[][]) {
  for (let m = 3, steps = 0; m > 0 && steps < 60; steps++) {
    let l = m - 2;
    for (; l >= 0; l--) {
      if (Math.abs(e[l]) > 2 ** -24 * (Math.abs(s[l]) + Math.abs(s[l + 1]))) continue;
      e[l] = 0;
      break;
    }
    if (l < m - 2) {
      step(s, e, u, l + 1, m);
      continue;
    }
    s[m - 1] = Math.abs(s[m - 1]);
    for (let k = m - 1; k < 2 && s[k] < s[k + 1]; k++) {
      [s[k], s[k + 1]] = [s[k + 1], s[k]];
      [u[k], u[k + 1]] = [u[k + 1], u[k]];
    }
    m--;
  }
}

/** One QR step with a shift on the rows `l` to `m` − 1. */
function step(s: number[], e: number[], u: number[][], l: number, m: number) {
  const scale = Math.max(
    ...[s[m - 1], s[m - 2], e[m - 2], s[l], e[l]].map(Math.abs),
  );
  const [last, previous, above] = [s[m - 1] / scale, s[m - 2] / scale, e[m - 2] / scale];
  const [first, beside] = [s[l] / scale, e[l] / scale];
  const b = ((previous + last) * (previous - last) + above * above) / 2;
  const c = (last * above) ** 2;
  const root = Math.sqrt(b * b + c) * (b < 0 ? -1 : 1);
  const shift = b !== 0 || c !== 0 ? c / (b + root) : 0;
  let f = (first + last) * (first - last) + shift;
  let g = first * beside;
  for (let k = l; k < m - 1; k++) {
    let [cosine, sine, length] = rotation(f, g);
    if (k !== l) e[k - 1] = length;
    f = cosine * s[k] + sine * e[k];
    e[k] = cosine * e[k] - sine * s[k];
    g = sine * s[k + 1];
    s[k + 1] *= cosine;
    [cosine, sine, length] = rotation(f, g);
    s[k] = length;
    f = cosine * e[k] + sine * s[k + 1];
    s[k + 1] = cosine * s[k + 1] - sine * e[k];
    g = sine * e[k + 1];
    e[k + 1] *= cosine;
    for (let i = 0; i < 3; i++) {
      const [one, other] = [u[k][i], u[k + 1][i]];
      u[k][i] = cosine * one + sine * other;
      u[k + 1][i] = cosine * other - sine * one;
    }
  }
  e[m - 2] = f;
}

/** The rotation that makes the second of two numbers zero, and what the first becomes. */
function rotation(a: number, b: number): [cosine: number, sine: number, length: number] {
  const sign = (Math.abs(a) > Math.abs(b) ? a : b) < 0 ? -1 : 1;
  const length = Math.hypot(a, b) * sign;
  return length === 0 ? [1, 0, 0] : [a / length, b / length, length];
}
