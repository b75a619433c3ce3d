/**
 * Builds the matrix of the linear map that resizes one axis.
 *
 * Follows `skimage.transform.resize(mode="edge", anti_aliasing=False)`, which is SciPy's `zoom` in
 * grid mode: voxel `o` of the new axis is at `(o + 0.5) · from / to − 0.5` of the old one.
 */

import type { NdArray } from "./nd_array.ts";

/** Interpolation: 0 nearest, 1 linear, 3 cubic B-spline with prefilter. */
export type SplineOrder = 0 | 1 | 3;

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
  const data = order === 3
    ? cubicMatrix(from, to)
    : order === 1
    ? linearMatrix(from, to)
    : nearestMatrix(from, to);
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
/** Pole of the recursive filter that turns samples into cubic B-spline coefficients. */
const POLE = Math.sqrt(3) - 2;
/** Samples beyond which an impulse's response is negligible: the pole's 32nd power is 5e-19. */
const REACH = 32;

/** Column `j` is the response to an impulse at voxel `j`, padded, prefiltered and evaluated. */
function cubicMatrix(from: number, to: number) {
  const matrix = new Float64Array(to * from);
  const taps = Array.from({ length: to }, (_, row) => {
    const coordinate = resizedCoordinate(row, from, to) + PADDING;
    const first = Math.floor(coordinate) - 1;
    return { first, weights: cubicWeights(coordinate - Math.floor(coordinate)) };
  });
  const signal = new Float64Array(from + 2 * PADDING);
  let firstRow = 0;
  for (let column = 0; column < from; column++) {
    // Edge padding repeats the border voxel, so its impulse also fills the padding.
    const begin = column === 0 ? 0 : column + PADDING;
    const end = column === from - 1 ? signal.length : column + PADDING + 1;
    const lo = Math.max(0, begin - REACH);
    const hi = Math.min(signal.length, end + REACH);
    signal.fill(0, lo, hi);
    signal.fill(1, begin, end);
    toSplineCoefficients(signal.subarray(lo, hi));
    while (firstRow < to && taps[firstRow].first < lo) firstRow++;
    for (let row = firstRow; row < to && taps[row].first + 4 <= hi; row++) {
      const { first, weights } = taps[row];
      let value = 0;
      for (let tap = 0; tap < 4; tap++) value += weights[tap] * signal[first + tap];
      matrix[row * from + column] = value;
    }
  }
  return matrix;
}

/** Returns the cubic B-spline weights of the four knots around a point `fraction` past the second. */
function cubicWeights(fraction: number) {
  const rest = 1 - fraction;
  const middle = (4 - 6 * fraction ** 2 + 3 * fraction ** 3) / 6;
  const right = (4 - 6 * rest ** 2 + 3 * rest ** 3) / 6;
  const left = rest ** 3 / 6;
  return [left, middle, right, 1 - left - middle - right];
}

/**
 * Applies the recursive B-spline filter in place, causal then anticausal, for a signal mirrored at
 * its ends. Only the nearest mirror image matters: padding makes the signal at least 25 samples long,
 * and the pole's 25th power is 5e-15.
 */
function toSplineCoefficients(signal: Float64Array) {
  const length = signal.length;
  for (let i = 0; i < length; i++) signal[i] *= 6;
  let mirrored = 0;
  for (let i = length - 1; i >= 0; i--) mirrored = POLE * (mirrored + signal[i]);
  signal[0] += mirrored;
  for (let i = 1; i < length; i++) signal[i] += POLE * signal[i - 1];
  signal[length - 1] *= POLE / (POLE - 1);
  for (let i = length - 2; i >= 0; i--) signal[i] = POLE * (signal[i + 1] - signal[i]);
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
