/** Smooth random fields: gradient noise with slopes, and a tabulated version that is cheap to read. */

import type { Generator } from "../lib/random/generator.ts";
import { shuffle } from "../lib/random/shuffle.ts";

/**
 * Writes a random field's value and slope at a point to `out`: (value, d/dx, d/dy, d/dz). Values are
 * within about ±0.8 with mean 0.
 */
export type GradientNoise = (x: number, y: number, z: number, out: Float64Array) => void;

/** Number of lattice vectors, a power of two so that a mask wraps coordinates. */
const vectorCount = 256;
const mask = vectorCount - 1;

/**
 * Creates three-dimensional gradient noise on the unit lattice.
 *
 * It uses random unit vectors instead of Perlin's twelve edges, so that folds have no preferred
 * direction, and quintic blending, so that the slope is continuous. It uses only sums, products and
 * square roots, which IEEE 754 rounds identically on every machine.
 *
 * @see Ken Perlin, Improving Noise, SIGGRAPH 2002; the slope follows from the product rule.
 */
export function createGradientNoise(random: Generator): GradientNoise {
  const vectors = randomUnitVectors(random);
  const permutation = randomPermutation(random);

  return (x, y, z, out) => {
    const x0 = Math.floor(x), y0 = Math.floor(y), z0 = Math.floor(z);
    const fx = x - x0, fy = y - y0, fz = z - z0;
    const u = fade(fx), v = fade(fy), w = fade(fz);
    const du = fadeSlope(fx), dv = fadeSlope(fy), dw = fadeSlope(fz);
    let value = 0, dx = 0, dy = 0, dz = 0;
    for (let cz = 0; cz < 2; cz++) {
      const hz = permutation[(z0 + cz) & mask];
      const wz = cz ? w : 1 - w;
      for (let cy = 0; cy < 2; cy++) {
        const hy = permutation[(hz + y0 + cy) & mask];
        const wy = cy ? v : 1 - v;
        const a = 3 * permutation[(hy + x0) & mask], b = 3 * permutation[(hy + x0 + 1) & mask];
        const ay = vectors[a + 1], az = vectors[a + 2], by = vectors[b + 1], bz = vectors[b + 2];
        const ry = fy - cy, rz = fz - cz;
        const left = vectors[a] * fx + ay * ry + az * rz;
        const right = vectors[b] * (fx - 1) + by * ry + bz * rz;
        const row = left + u * (right - left);
        value += wz * wy * row;
        dx += wz * wy * (vectors[a] + u * (vectors[b] - vectors[a]) + du * (right - left));
        dy += wz * (wy * (ay + u * (by - ay)) + (cy ? dv : -dv) * row);
        dz += wy * (wz * (az + u * (bz - az)) + (cz ? dw : -dw) * row);
      }
    }
    out[0] = value;
    out[1] = dx;
    out[2] = dy;
    out[3] = dz;
  };
}

function fade(t: number): number {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

function fadeSlope(t: number): number {
  return 30 * t * t * (t * (t - 2) + 1);
}

/** Draws directions uniformly on the sphere, by rejecting points of the cube outside the ball. */
function randomUnitVectors(random: Generator): Float64Array {
  const vectors = new Float64Array(3 * vectorCount);
  for (let filled = 0; filled < vectorCount;) {
    const x = random.uniform(-1, 1), y = random.uniform(-1, 1), z = random.uniform(-1, 1);
    const length = Math.sqrt(x * x + y * y + z * z);
    if (length > 1 || length < 0.1) continue;
    vectors.set([x / length, y / length, z / length], 3 * filled);
    filled++;
  }
  return vectors;
}

function randomPermutation(random: Generator): Uint8Array {
  const inOrder = Uint8Array.from({ length: vectorCount }, (_, index) => index);
  return shuffle(inOrder, random);
}

/** Writes the value of every channel of a tabulated field at a point in millimetres. */
export type SmoothFields = (x: number, y: number, z: number, out: Float64Array) => void;

/**
 * Tabulates several independent smooth fields, to be interpolated linearly. If fields vary over many
 * table steps, the difference is negligible and a reading costs a fraction of the original.
 *
 * @param noise Source of the values; channels read distant parts of it.
 * @param wavelengths Lattice cell of each channel, in mm.
 * @param options.halfWidth The table covers ±halfWidth mm about the origin; border values continue
 * outside.
 * @param options.step Millimetres between table entries.
 */
export function tabulateFields(
  noise: GradientNoise,
  wavelengths: readonly number[],
  { halfWidth, step }: { readonly halfWidth: number; readonly step: number },
): SmoothFields {
  const channels = wavelengths.length;
  const side = 2 * Math.ceil(halfWidth / step) + 1;
  const middle = (side - 1) / 2;
  const table = new Float64Array(side * side * side * channels); // (z, y, x, channel)
  const sample = new Float64Array(4);
  let entry = 0;
  for (let z = 0; z < side; z++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        for (let channel = 0; channel < channels; channel++) {
          const scale = step / wavelengths[channel];
          const offset = 37.3 * (channel + 1); // Keeps channels in different noise cells.
          noise(
            (x - middle) * scale + offset,
            (y - middle) * scale + offset,
            (z - middle) * scale,
            sample,
          );
          table[entry++] = sample[0];
        }
      }
    }
  }

  const rowStride = side * channels, sliceStride = side * rowStride;
  const tablePosition = (position: number) =>
    Math.min(Math.max(position / step + middle, 0), side - 1.000001);
  return (x, y, z, out) => {
    const px = tablePosition(x), py = tablePosition(y), pz = tablePosition(z);
    const x0 = Math.floor(px), y0 = Math.floor(py), z0 = Math.floor(pz);
    const fx = px - x0, fy = py - y0, fz = pz - z0;
    const w00 = (1 - fz) * (1 - fy), w01 = (1 - fz) * fy, w10 = fz * (1 - fy), w11 = fz * fy;
    let at = z0 * sliceStride + y0 * rowStride + x0 * channels;
    for (let channel = 0; channel < channels; channel++, at++) {
      const near = w00 * table[at] + w01 * table[at + rowStride] +
        w10 * table[at + sliceStride] + w11 * table[at + sliceStride + rowStride];
      const next = at + channels;
      const far = w00 * table[next] + w01 * table[next + rowStride] +
        w10 * table[next + sliceStride] + w11 * table[next + sliceStride + rowStride];
      out[channel] = near + fx * (far - near);
    }
  };
}
