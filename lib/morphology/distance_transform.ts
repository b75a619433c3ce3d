/**
 * Exact Euclidean distances, in time proportional to the number of voxels.
 *
 * Squared distances separate: along each axis in turn, a voxel takes the lowest of the parabolas
 * that stand on the voxels of its line. Which one is lowest where is found in one sweep.
 *
 * @see P. Felzenszwalb and D. Huttenlocher, Distance Transforms of Sampled Functions, Theory of
 * Computing 8 (2012), sections 2 and 4
 */

import type { Zyx } from "../array/nd_array.ts";

/** Lines treated together: neighbours in memory, so that a cache line is fetched once. */
const LINES = 16;

/**
 * Squared distance in mm² of every voxel to the nearest voxel that is not 0; Infinity if all are.
 *
 * Values are rounded to single precision, 6e-8 of them at most.
 *
 * @param mask (z, y, x).
 * @param spacing Millimetres between voxel centres, (z, y, x).
 * @returns (z, y, x).
 *
 * @example
 * ```ts
 * squaredDistances(Uint8Array.of(1, 0, 0), [1, 1, 3], [1, 1, 2]); // [0, 4, 16]
 * ```
 */
export function squaredDistances(
  mask: Uint8Array,
  shape: Zyx,
  spacing: Zyx,
): Float32Array<ArrayBuffer> {
  const [depth, height, width] = shape;
  const distances = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) distances[i] = Infinity;
  for (let line = 0; line < mask.length; line += width) {
    sweepRow(distances, line, width, spacing[2]);
  }
  for (let z = 0; z < depth; z++) {
    sweepLines(distances, z * height * width, width, height, spacing[1]);
  }
  sweepLines(distances, 0, height * width, depth, spacing[0]);
  return distances;
}

/** Along x, where all values are 0 or Infinity, counting steps is enough. */
function sweepRow(distances: Float32Array, begin: number, width: number, spacing: number) {
  let steps = Infinity;
  for (let i = begin; i < begin + width; i++) {
    steps = distances[i] === 0 ? 0 : steps + 1;
    distances[i] = (steps * spacing) ** 2;
  }
  steps = Infinity;
  for (let i = begin + width - 1; i >= begin; i--) {
    steps = distances[i] === 0 ? 0 : steps + 1;
    const squared = (steps * spacing) ** 2;
    if (squared < distances[i]) distances[i] = squared;
  }
}

/** Sweeps `count` lines of `length` voxels, `count` apart; the lines start side by side. */
function sweepLines(
  distances: Float32Array,
  begin: number,
  count: number,
  length: number,
  spacing: number,
) {
  if (length === 1) return;
  const heights = new Float64Array(LINES * length); // (line, voxel)
  const envelope = new LowerEnvelope(length, spacing ** 2);
  for (let first = 0; first < count; first += LINES) {
    const lines = Math.min(LINES, count - first);
    for (let voxel = 0, at = begin + first; voxel < length; voxel++, at += count) {
      for (let line = 0; line < lines; line++) {
        heights[line * length + voxel] = distances[at + line];
      }
    }
    for (let line = 0; line < lines; line++) {
      envelope.replace(heights.subarray(line * length, (line + 1) * length));
    }
    for (let voxel = 0, at = begin + first; voxel < length; voxel++, at += count) {
      for (let line = 0; line < lines; line++) {
        distances[at + line] = heights[line * length + voxel];
      }
    }
  }
}

/** The lower envelope of the parabolas `heights[i] + squaredSpacing · (x − i)²`. */
class LowerEnvelope {
  readonly #squaredSpacing: number;
  /** The parabolas that are lowest somewhere: their places, their heights, where each takes over. */
  readonly #places: Float64Array;
  readonly #heights: Float64Array;
  readonly #starts: Float64Array;

  constructor(length: number, squaredSpacing: number) {
    this.#squaredSpacing = squaredSpacing;
    this.#places = new Float64Array(length);
    this.#heights = new Float64Array(length);
    this.#starts = new Float64Array(length);
  }

  /** Replaces the heights at whole x by the envelope there. */
  replace(heights: Float64Array) {
    const [places, lows, starts] = [this.#places, this.#heights, this.#starts];
    const scale = this.#squaredSpacing;
    let top = -1;
    for (let place = 0; place < heights.length; place++) {
      const height = heights[place];
      if (height === Infinity) continue;
      let start = -Infinity;
      while (top >= 0) {
        const gap = place - places[top];
        start = (height - lows[top]) / (2 * scale * gap) + (place + places[top]) / 2;
        if (start > starts[top]) break;
        top--; // The new parabola is below it wherever it was lowest.
        start = -Infinity;
      }
      top++;
      places[top] = place;
      lows[top] = height;
      starts[top] = start;
    }
    if (top < 0) return;
    for (let x = 0, lowest = 0; x < heights.length; x++) {
      while (lowest < top && starts[lowest + 1] < x) lowest++;
      heights[x] = lows[lowest] + scale * (x - places[lowest]) ** 2;
    }
  }
}
