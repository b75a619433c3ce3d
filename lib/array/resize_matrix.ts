/**
 * Builds the matrix of the linear map that resizes one axis.
 *
 * Follows `skimage.transform.resize(mode="edge", anti_aliasing=False)`, which is SciPy's `zoom` in
 * grid mode: voxel `o` of the new axis is at `(o + 0.5) · from / to − 0.5` of the old one.
 */

import type { NdArray } from "./nd_array.ts";

/** Interpolation: 0 nearest, 1 linear, 2 to 5 B-splines of this degree with prefilter. */
export type SplineOrder = 0 | 1 | 2 | 3 | 4 | 5;

/**
 * A matrix whose rows are zero outside a few adjacent columns. Row `r` has the weights
 * `weights[r · width … + width]`, starting at column `first[r]`.
 */
export interface BandMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
  readonly first: Int32Array<ArrayBuffer>;
  readonly weights: Float64Array<ArrayBuffer>;
}

/** Returns the position of voxel `index` of the new axis on the old one, in voxels, unclamped. */
export function resizedCoordinate(index: number, from: number, to: number): number {
  return (index + 0.5) * (from / to) - 0.5;
}

/**
 * Returns the matrix that resizes an axis, of shape (to, from).
 *
 * @throws {RangeError} If an extent is not a positive integer.
 *
 * @example Doubling two voxels linearly
 * ```ts
 * resizeMatrix(2, 4, 1).data; // 1 0 | 0.75 0.25 | 0.25 0.75 | 0 1
 * ```
 */
export function resizeMatrix(
  from: number,
  to: number,
  order: SplineOrder,
): NdArray<Float64Array<ArrayBuffer>> {
  for (const extent of [from, to]) {
    if (!Number.isInteger(extent) || extent < 1) {
      throw new RangeError(
        `Cannot resize an axis from ${from} to ${to}: expected positive integers`,
      );
    }
  }
  const data = order === 0
    ? nearestMatrix(from, to)
    : order === 1
    ? linearMatrix(from, to)
    : splineMatrix(from, to, order);
  return { shape: [to, from], data };
}

function nearestMatrix(from: number, to: number) {
  const matrix = new Float64Array(to * from);
  for (let row = 0; row < to; row++) {
    matrix[row * from + nearestIndex(resizedCoordinate(row, from, to), from)] = 1;
  }
  return matrix;
}

/** Returns the voxel nearest to a coordinate, rounding halves up and clamping to the border. */
export function nearestIndex(coordinate: number, extent: number): number {
  return Math.floor(clamp(coordinate, extent) + 0.5);
}

function linearMatrix(from: number, to: number) {
  const matrix = new Float64Array(to * from);
  for (let row = 0; row < to; row++) {
    const coordinate = clamp(resizedCoordinate(row, from, to), from);
    const left = Math.floor(coordinate);
    matrix[row * from + left] = 1 - (coordinate - left);
    if (left + 1 < from) matrix[row * from + left + 1] = coordinate - left;
  }
  return matrix;
}

function clamp(coordinate: number, extent: number) {
  return Math.min(Math.max(coordinate, 0), extent - 1);
}

/** SciPy's padding on each side before the spline filter in its "nearest" mode. */
const PADDING = 12;

/** Poles of the recursive filters that turn samples into a spline's coefficients, by order. */
const poles: Readonly<Record<Exclude<SplineOrder, 0 | 1>, readonly number[]>> = {
  2: [Math.sqrt(8) - 3],
  3: [Math.sqrt(3) - 2],
  4: [
    Math.sqrt(664 - Math.sqrt(438976)) + Math.sqrt(304) - 19,
    Math.sqrt(664 + Math.sqrt(438976)) - Math.sqrt(304) - 19,
  ],
  5: [
    Math.sqrt(67.5 - Math.sqrt(4436.25)) + Math.sqrt(26.25) - 6.5,
    Math.sqrt(67.5 + Math.sqrt(4436.25)) - Math.sqrt(26.25) - 6.5,
  ],
};

/** Samples beyond which an impulse's response is negligible: its share there is below 5e-19. */
const reach = { 2: 32, 3: 32, 4: 48, 5: 56 } as const;

/** Column `j` is the response to an impulse at voxel `j`, padded, prefiltered and evaluated. */
function splineMatrix(from: number, to: number, order: Exclude<SplineOrder, 0 | 1>) {
  const matrix = new Float64Array(to * from);
  // Splines of even order change their polynomial half-way between two knots.
  const shift = order % 2 === 0 ? 0.5 : 0;
  const taps = Array.from({ length: to }, (_, row) => {
    const coordinate = resizedCoordinate(row, from, to) + PADDING + shift;
    const piece = Math.floor(coordinate);
    return {
      first: piece - Math.floor(order / 2),
      weights: splineWeights(coordinate - piece, order),
    };
  });
  const signal = new Float64Array(from + 2 * PADDING);
  let firstRow = 0;
  for (let column = 0; column < from; column++) {
    // Edge padding repeats the border voxel, so its impulse also fills the padding.
    const begin = column === 0 ? 0 : column + PADDING;
    const end = column === from - 1 ? signal.length : column + PADDING + 1;
    const lo = Math.max(0, begin - reach[order]);
    const hi = Math.min(signal.length, end + reach[order]);
    signal.fill(0, lo, hi);
    signal.fill(1, begin, end);
    for (const pole of poles[order]) filterRecursively(signal.subarray(lo, hi), pole);
    while (firstRow < to && taps[firstRow].first < lo) firstRow++;
    for (let row = firstRow; row < to && taps[row].first + order < hi; row++) {
      const { first, weights } = taps[row];
      let value = 0;
      for (let tap = 0; tap <= order; tap++) value += weights[tap] * signal[first + tap];
      matrix[row * from + column] = value;
    }
  }
  return matrix;
}

/**
 * Returns the weights of the `order + 1` knots around a point, which lies `fraction` past the
 * beginning of its polynomial piece.
 */
function splineWeights(fraction: number, order: number): number[] {
  // The Cox–de Boor recursion for knots at distance 1.
  const weights = [1];
  for (let degree = 1; degree <= order; degree++) {
    let carried = 0;
    for (let i = 0; i < degree; i++) {
      const share = weights[i] / degree;
      weights[i] = carried + (i + 1 - fraction) * share;
      carried = (fraction + degree - 1 - i) * share;
    }
    weights.push(carried);
  }
  return weights;
}

/** Applies a recursive filter in place, causal then anticausal, to a signal mirrored at its ends. */
function filterRecursively(signal: Float64Array, pole: number) {
  const last = signal.length - 1;
  const gain = (1 - pole) * (1 - 1 / pole);
  for (let i = 0; i <= last; i++) signal[i] *= gain;
  const beyond = pole ** signal.length;
  let mirrored = 0;
  let power = pole;
  for (let i = 0; i <= last && power !== 0; i++) {
    mirrored += power * (signal[i] + beyond * signal[last - i]);
    power *= pole;
  }
  signal[0] += mirrored / (1 - beyond * beyond);
  for (let i = 1; i <= last; i++) signal[i] += pole * signal[i - 1];
  signal[last] *= pole / (pole - 1);
  for (let i = last - 1; i >= 0; i--) signal[i] = pole * (signal[i + 1] - signal[i]);
}

/**
 * Returns the narrowest band that contains all entries of magnitude `negligible` or more.
 *
 * The default is below a float32's rounding and leaves 26 columns of a cubic matrix, whose rows have
 * no exact zeros.
 */
export function bandOf(
  { shape: [rows, columns], data }: NdArray<Float64Array<ArrayBuffer>>,
  negligible = 3e-8,
): BandMatrix {
  const first = new Int32Array(rows);
  let width = 1;
  for (let row = 0; row < rows; row++) {
    let begin = 0;
    let end = columns;
    while (begin < columns - 1 && Math.abs(data[row * columns + begin]) < negligible) begin++;
    while (end > begin + 1 && Math.abs(data[row * columns + end - 1]) < negligible) end--;
    first[row] = begin;
    width = Math.max(width, end - begin);
  }
  const weights = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    // All rows have the same width, so the last ones must start earlier.
    first[row] = Math.min(first[row], columns - width);
    const begin = row * columns + first[row];
    weights.set(data.subarray(begin, begin + width), row * width);
  }
  return { rows, columns, width, first, weights };
}

/**
 * Extracts rows `begin` to `end` of a band matrix, without the columns in which they are zero.
 *
 * @param least Minimum number of columns.
 * @returns Weights of shape (end − begin, columns), starting at column `first`.
 */
export function windowOf(
  matrix: BandMatrix,
  begin: number,
  end: number,
  least = 1,
): { first: number; columns: number; weights: Float32Array<ArrayBuffer> } {
  const starts = matrix.first.subarray(begin, end);
  const columns = Math.max(least, Math.max(...starts) + matrix.width - Math.min(...starts));
  const first = Math.min(Math.min(...starts), matrix.columns - columns);
  const weights = new Float32Array((end - begin) * columns);
  starts.forEach((start, i) => {
    const from = (begin + i) * matrix.width;
    weights.set(matrix.weights.subarray(from, from + matrix.width), i * columns + start - first);
  });
  return { first, columns, weights };
}
