/**
 * Computes exact Euclidean distances in time proportional to the number of voxels.
 *
 * Squared distances are separable: along each axis in turn, a voxel takes the minimum of parabolas
 * centred on the voxels of its line. Their lower envelope is found in one sweep.
 *
 * @see P. Felzenszwalb and D. Huttenlocher, Distance Transforms of Sampled Functions, Theory of
 * Computing 8 (2012), sections 2 and 4
 */

import type { Zyx } from "../array/nd_array.ts";

/** Lines processed together; they are adjacent in memory, so a cache line is fetched once. */
const LINES = 16;

/**
 * Returns every voxel's squared distance to the nearest nonzero voxel; Infinity if there is none.
 *
 * Values are rounded to single precision, a relative error of at most 6e-8.
 *
 * @param mask Voxels, (z, y, x).
 * @param spacing Millimetres between voxel centres, (z, y, x).
 * @returns Squared distances in mm², (z, y, x).
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

/** Sweeps along x, where all values are 0 or Infinity, by counting steps. */
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

/** Sweeps `count` adjacent lines of `length` voxels with a stride of `count`. */
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
  /** The parabolas of the envelope: their centres, their heights and where each starts. */
  readonly #centres: Float64Array;
  readonly #heights: Float64Array;
  readonly #starts: Float64Array;

  constructor(length: number, squaredSpacing: number) {
    this.#squaredSpacing = squaredSpacing;
    this.#centres = new Float64Array(length);
    this.#heights = new Float64Array(length);
    this.#starts = new Float64Array(length);
  }

  /** Replaces the heights at integer x with the envelope. */
  replace(heights: Float64Array) {
    const [centres, lows, starts] = [this.#centres, this.#heights, this.#starts];
    const scale = this.#squaredSpacing;
    let top = -1;
    for (let centre = 0; centre < heights.length; centre++) {
      const height = heights[centre];
      if (height === Infinity) continue;
      let start = -Infinity;
      while (top >= 0) {
        const gap = centre - centres[top];
        start = (height - lows[top]) / (2 * scale * gap) + (centre + centres[top]) / 2;
        if (start > starts[top]) break;
        top--; // The new parabola is below it everywhere on its interval.
        start = -Infinity;
      }
      top++;
      centres[top] = centre;
      lows[top] = height;
      starts[top] = start;
    }
    if (top < 0) return;
    for (let x = 0, lowest = 0; x < heights.length; x++) {
      while (lowest < top && starts[lowest + 1] < x) lowest++;
      heights[x] = lows[lowest] + scale * (x - centres[lowest]) ** 2;
    }
  }
}
