/**
 * Resamples a patch through an affine matrix: the inner loops of the spatial augmentation.
 *
 * A slice is treated as a volume of depth 1. The result is computed row by row. Along a row the
 * source position moves in a straight line, so the voxels whose neighbours are all within the source
 * form one interval; it is found beforehand so that its loop needs no bounds checks. Where slices map
 * to slices, four neighbours suffice instead of eight.
 */

import { sizeOf, type Zyx } from "../array/nd_array.ts";
import type { Matrix3 } from "./sampling_matrix.ts";

/** Label of positions outside the volume. */
const OUTSIDE = -1;

/** Scores closer than this count as equal, so that rounding of weights does not decide. */
const TIE = 1e-6;

/**
 * Interpolates every channel linearly, with zeros outside.
 *
 * Voxel `o` of the result samples the position `matrix · (o − centre) + sourceCentre`.
 *
 * @param source Values, (channel, …shape).
 * @param shape The source's shape, (z, y, x).
 * @param size The result's shape, (z, y, x).
 * @returns Values, (channel, …size).
 * @see torch.nn.functional.grid_sample with align_corners false and zero padding
 */
export function resampleImage(
  source: Float32Array,
  shape: Zyx,
  matrix: Matrix3,
  size: Zyx,
): Float32Array<ArrayBuffer> {
  const volume = sizeOf(shape), targetVolume = sizeOf(size);
  const channels = source.length / volume;
  const target = new Float32Array(channels * targetVolume);
  forEachRow(shape, matrix, size, (row) => {
    for (let channel = 0; channel < channels; channel++) {
      const first = channel * volume;
      const to = channel * targetVolume + row.first;
      for (let i = row.begin; i < row.innerBegin; i++) {
        target[to + i] = valueAt(source, first, shape, row, i);
      }
      (row.planar ? sampleRowWithinSlice : sampleRow)(source, first, shape, row, target, to);
      for (let i = row.innerEnd; i < row.end; i++) {
        target[to + i] = valueAt(source, first, shape, row, i);
      }
    }
  });
  return target;
}

/** Interpolates the inner voxels of a row from their eight neighbours. */
function sampleRow(
  source: Float32Array,
  first: number,
  shape: Zyx,
  { innerBegin, innerEnd, z: rowZ, y: rowY, x: rowX, stepZ, stepY, stepX }: Row,
  target: Float32Array,
  to: number,
) {
  const width = shape[2], plane = shape[1] * width;
  for (let i = innerBegin; i < innerEnd; i++) {
    const z = rowZ + i * stepZ, y = rowY + i * stepY, x = rowX + i * stepX;
    // Inner positions are not negative, so truncation rounds down.
    const z0 = z | 0, y0 = y | 0, x0 = x | 0;
    const fz = z - z0, fy = y - y0, fx = x - x0;
    const a = first + z0 * plane + y0 * width + x0;
    const b = a + width, c = a + plane, d = c + width;
    const va = source[a], vb = source[b], vc = source[c], vd = source[d];
    const row0 = va + fx * (source[a + 1] - va);
    const row1 = vb + fx * (source[b + 1] - vb);
    const row2 = vc + fx * (source[c + 1] - vc);
    const row3 = vd + fx * (source[d + 1] - vd);
    const plane0 = row0 + fy * (row1 - row0);
    target[to + i] = plane0 + fz * (row2 + fy * (row3 - row2) - plane0);
  }
}

/** Interpolates the inner voxels of a row that stays in one slice from their four neighbours. */
function sampleRowWithinSlice(
  source: Float32Array,
  first: number,
  shape: Zyx,
  { innerBegin, innerEnd, z, y: rowY, x: rowX, stepY, stepX }: Row,
  target: Float32Array,
  to: number,
) {
  const width = shape[2], slice = first + z * shape[1] * width;
  for (let i = innerBegin; i < innerEnd; i++) {
    const y = rowY + i * stepY, x = rowX + i * stepX;
    const y0 = y | 0, x0 = x | 0;
    const fy = y - y0, fx = x - x0;
    const a = slice + y0 * width + x0, b = a + width;
    const va = source[a], vb = source[b];
    const row0 = va + fx * (source[a + 1] - va);
    const row1 = vb + fx * (source[b + 1] - vb);
    target[to + i] = row0 + fy * (row1 - row0);
  }
}

/** Interpolates one voxel near the border. */
function valueAt(source: Float32Array, first: number, shape: Zyx, row: Row, i: number): number {
  const { stepZ, stepY, stepX } = row;
  return interpolate(source, first, shape, row.z + i * stepZ, row.y + i * stepY, row.x + i * stepX);
}

/**
 * Interpolates linearly between the eight neighbours of any position; those outside are zero.
 *
 * @param first Index of the channel's first voxel.
 */
export function interpolate(
  source: Float32Array,
  first: number,
  shape: Zyx,
  z: number,
  y: number,
  x: number,
): number {
  const z0 = Math.floor(z), y0 = Math.floor(y), x0 = Math.floor(x);
  const fz = z - z0, fy = y - y0, fx = x - x0;
  let value = 0;
  for (let corner = 0; corner < 8; corner++) {
    const cz = z0 + (corner >> 2), cy = y0 + (corner >> 1 & 1), cx = x0 + (corner & 1);
    if (!isInside(cz, cy, cx, shape)) continue;
    value += cornerWeight(corner, fz, fy, fx) *
      source[first + (cz * shape[1] + cy) * shape[2] + cx];
  }
  return value;
}

/**
 * Returns the label with the most weight among the eight voxels around each position. This is the
 * argmax of linearly interpolated one-hot maps, without creating the maps. Positions outside count
 * as −1.
 *
 * Of tied labels, the nearest voxel's wins if it is among them, otherwise the smallest. Upstream
 * scores labels in half precision and so finds ties between scores up to 5e-4 apart; we do not.
 *
 * @param source Labels of shape `shape`.
 * @returns Labels of shape `size`, all from `source` or −1.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/spatial.py, _apply_to_segmentation
 */
export function resampleLabels(
  source: Int16Array,
  shape: Zyx,
  matrix: Matrix3,
  size: Zyx,
): Int16Array<ArrayBuffer> {
  const target = new Int16Array(sizeOf(size)).fill(OUTSIDE);
  forEachRow(shape, matrix, size, (row) => {
    for (let i = row.begin; i < row.innerBegin; i++) {
      target[row.first + i] = labelAt(source, shape, row, i);
    }
    (row.planar ? voteRowWithinSlice : voteRow)(source, shape, row, target);
    for (let i = row.innerEnd; i < row.end; i++) {
      target[row.first + i] = labelAt(source, shape, row, i);
    }
  });
  return target;
}

/** Resamples the inner labels of a row. Most voxels have equal neighbours, which need no vote. */
function voteRow(
  source: Int16Array,
  shape: Zyx,
  row: Row,
  target: Int16Array,
) {
  const { innerBegin, innerEnd, first, z: rowZ, y: rowY, x: rowX, stepZ, stepY, stepX } = row;
  const width = shape[2], plane = shape[1] * width;
  for (let i = innerBegin; i < innerEnd; i++) {
    const z0 = (rowZ + i * stepZ) | 0, y0 = (rowY + i * stepY) | 0, x0 = (rowX + i * stepX) | 0;
    const a = z0 * plane + y0 * width + x0;
    const b = a + width, c = a + plane, d = c + width;
    const label = source[a];
    target[first + i] = label === source[a + 1] && label === source[b] && label === source[b + 1] &&
        label === source[c] && label === source[c + 1] && label === source[d] &&
        label === source[d + 1]
      ? label
      : labelAt(source, shape, row, i);
  }
}

/** Resamples the inner labels of a row that stays in one slice. */
function voteRowWithinSlice(
  source: Int16Array,
  shape: Zyx,
  row: Row,
  target: Int16Array,
) {
  const { innerBegin, innerEnd, first, z, y: rowY, x: rowX, stepY, stepX } = row;
  const width = shape[2], slice = z * shape[1] * width;
  for (let i = innerBegin; i < innerEnd; i++) {
    const y0 = (rowY + i * stepY) | 0, x0 = (rowX + i * stepX) | 0;
    const a = slice + y0 * width + x0, b = a + width;
    const label = source[a];
    target[first + i] = label === source[a + 1] && label === source[b] && label === source[b + 1]
      ? label
      : labelAt(source, shape, row, i);
  }
}

const corners = new Int16Array(8);
const weights = new Float64Array(8);

function labelAt(source: Int16Array, shape: Zyx, row: Row, i: number): number {
  const { stepZ, stepY, stepX } = row;
  return voteAt(source, shape, row.z + i * stepZ, row.y + i * stepY, row.x + i * stepX);
}

/** Returns the label at any position; see {@link resampleLabels}. */
export function voteAt(source: Int16Array, shape: Zyx, z: number, y: number, x: number): number {
  const z0 = Math.floor(z), y0 = Math.floor(y), x0 = Math.floor(x);
  const fz = z - z0, fy = y - y0, fx = x - x0;
  for (let corner = 0; corner < 8; corner++) {
    const cz = z0 + (corner >> 2), cy = y0 + (corner >> 1 & 1), cx = x0 + (corner & 1);
    corners[corner] = isInside(cz, cy, cx, shape)
      ? source[(cz * shape[1] + cy) * shape[2] + cx]
      : OUTSIDE;
    weights[corner] = cornerWeight(corner, fz, fy, fx);
  }
  const nearest = corners[
    (roundsUp(z0, fz) ? 4 : 0) + (roundsUp(y0, fy) ? 2 : 0) + (roundsUp(x0, fx) ? 1 : 0)
  ];
  // With only two labels, by far the most frequent case, a single sum decides.
  const one = corners[0];
  let other = one, score = 0, two = true;
  for (let corner = 0; corner < 8; corner++) {
    const label = corners[corner];
    if (label === one) score += weights[corner];
    else if (other === one || label === other) other = label;
    else two = false;
  }
  if (!two) return vote(nearest);
  if (Math.abs(2 * score - 1) < TIE) return nearest;
  return score > 0.5 ? one : other;
}

/** Returns the label with the most weight among the corners; `preferred` if it ties. */
function vote(preferred: number): number {
  let best = preferred;
  let bestScore = -1;
  for (let corner = 0; corner < 8; corner++) {
    const label = corners[corner];
    let score = 0;
    for (let other = 0; other < 8; other++) if (corners[other] === label) score += weights[other];
    const tied = Math.abs(score - bestScore) < TIE;
    if (tied ? best !== preferred && (label === preferred || label < best) : score > bestScore) {
      best = label;
      bestScore = score;
    }
  }
  return best;
}

/** Returns the weight of corner `4·z + 2·y + x` for a position between eight voxels. */
function cornerWeight(corner: number, fz: number, fy: number, fx: number): number {
  return ((corner & 4) !== 0 ? fz : 1 - fz) * ((corner & 2) !== 0 ? fy : 1 - fy) *
    ((corner & 1) !== 0 ? fx : 1 - fx);
}

/** Whether `floor + fraction` rounds up, with halves rounding to even. */
function roundsUp(floor: number, fraction: number): boolean {
  return fraction > 0.5 || (fraction === 0.5 && (floor & 1) === 1);
}

function isInside(z: number, y: number, x: number, shape: Zyx): boolean {
  return z >= 0 && z < shape[0] && y >= 0 && y < shape[1] && x >= 0 && x < shape[2];
}

/** A row of the result and its line through the source. */
interface Row {
  /** Index of the row's first voxel in the result. */
  first: number;
  /** Source position of the first voxel, and the step from voxel to voxel. */
  z: number;
  y: number;
  x: number;
  readonly stepZ: number;
  readonly stepY: number;
  readonly stepX: number;
  /** Voxels in [begin, end) have at least one neighbour within the source. */
  begin: number;
  end: number;
  /** Voxels in [innerBegin, innerEnd) have all neighbours within the source. */
  innerBegin: number;
  innerEnd: number;
  /** Whether z is an integer and constant along the row. */
  readonly planar: boolean;
}

/** Calls back with each row of the result, reusing the same object. */
export function forEachRow(shape: Zyx, m: Matrix3, size: Zyx, callback: (row: Row) => void) {
  const planar = shape[0] === size[0] && m[0] === 1 &&
    m[1] === 0 && m[2] === 0 && m[3] === 0 && m[6] === 0;
  const row: Row = {
    first: 0,
    z: 0,
    y: 0,
    x: 0,
    stepZ: m[2],
    stepY: m[5],
    stepX: m[8],
    begin: 0,
    end: 0,
    innerBegin: 0,
    innerEnd: 0,
    planar,
  };
  const interval = { begin: 0, end: 0 };
  const x = -(size[2] - 1) / 2;
  for (let i = 0; i < size[0]; i++) {
    const z = i - (size[0] - 1) / 2;
    for (let j = 0; j < size[1]; j++) {
      const y = j - (size[1] - 1) / 2;
      row.z = planar ? i : m[0] * z + m[1] * y + m[2] * x + (shape[0] - 1) / 2;
      row.y = m[3] * z + m[4] * y + m[5] * x + (shape[1] - 1) / 2;
      row.x = m[6] * z + m[7] * y + m[8] * x + (shape[2] - 1) / 2;
      interval.begin = 0;
      interval.end = size[2];
      narrow(interval, row.z, row.stepZ, -1, shape[0]);
      narrow(interval, row.y, row.stepY, -1, shape[1]);
      narrow(interval, row.x, row.stepX, -1, shape[2]);
      row.begin = interval.begin;
      row.end = interval.end;
      if (!planar) narrow(interval, row.z, row.stepZ, 0, shape[0] - 1);
      narrow(interval, row.y, row.stepY, 0, shape[1] - 1);
      narrow(interval, row.x, row.stepX, 0, shape[2] - 1);
      row.innerBegin = interval.begin;
      row.innerEnd = interval.end;
      callback(row);
      row.first += size[2];
    }
  }
}

/** Narrows an interval of steps to those `i` with `low ≤ first + i · step < high`. */
function narrow(
  interval: { begin: number; end: number },
  first: number,
  step: number,
  low: number,
  high: number,
) {
  const isWithin = (i: number) => {
    const position = first + i * step;
    return position >= low && position < high;
  };
  let { begin, end } = interval;
  if (step !== 0) {
    const toLow = (low - first) / step, toHigh = (high - first) / step;
    // One step more on either side: the loops below decide by the exact arithmetic of the callers.
    begin = Math.min(end, Math.max(begin, Math.ceil(Math.min(toLow, toHigh)) - 1));
    end = Math.max(begin, Math.min(end, Math.floor(Math.max(toLow, toHigh)) + 2));
  } else if (!isWithin(0)) end = begin;
  while (begin < end && !isWithin(begin)) begin++;
  while (end > begin && !isWithin(end - 1)) end--;
  interval.begin = begin;
  interval.end = end;
}
