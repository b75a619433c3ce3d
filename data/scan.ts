/** Simulates the scan of an anatomy: partial volume, coil sensitivity and noise. */

import type { Zyx } from "../lib/array/nd_array.ts";
import type { Generator } from "../lib/random/generator.ts";
import type { Anatomy } from "./anatomy.ts";
import { phantomLabels } from "./tissues.ts";

/** Anatomy averaged over voxels. */
export interface Raster {
  /** Mean brightness per voxel, (z, y, x). */
  readonly brightness: Float32Array<ArrayBuffer>;
  /** Most frequent label per voxel, (z, y, x). */
  readonly labels: Uint8Array<ArrayBuffer>;
}

const labelCount = Object.keys(phantomLabels).length;

/**
 * Averages the anatomy over each voxel, so that edges of thick slices are as blurred as in a real
 * scan. Points are half a millimetre apart for voxels up to 2 mm.
 *
 * @param centre Voxel position of the anatomy's origin, (z, y, x).
 */
export function rasterise(anatomy: Anatomy, shape: Zyx, spacing: Zyx, centre: Zyx): Raster {
  const offsets = spacing.map((millimetres) => {
    const points = Math.min(Math.max(Math.round(2 * millimetres), 2), 4);
    return Array.from({ length: points }, (_, i) => ((i + 0.5) / points - 0.5) * millimetres);
  });
  const points = offsets[0].length * offsets[1].length * offsets[2].length;
  const size = shape[0] * shape[1] * shape[2];
  const brightness = new Float32Array(size), labels = new Uint8Array(size);
  const votes = new Uint8Array(labelCount);
  const { tissueAt } = anatomy;

  let voxel = 0;
  for (let k = 0; k < shape[0]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let i = 0; i < shape[2]; i++, voxel++) {
        const z = (k - centre[0]) * spacing[0];
        const y = (j - centre[1]) * spacing[1];
        const x = (i - centre[2]) * spacing[2];
        let sum = 0;
        votes.fill(0);
        for (const dz of offsets[0]) {
          for (const dy of offsets[1]) {
            for (const dx of offsets[2]) {
              const tissue = tissueAt(x + dx, y + dy, z + dz);
              sum += tissue.brightness;
              votes[tissue.label]++;
            }
          }
        }
        brightness[voxel] = sum / points;
        labels[voxel] = winner(votes);
      }
    }
  }
  return { brightness, labels };
}

/** Returns the label with the most votes; of several, the highest, since half brain is brain. */
function winner(votes: Uint8Array): number {
  let best = 0;
  for (let label = 1; label < votes.length; label++) {
    if (votes[label] >= votes[best]) best = label;
  }
  return best;
}

/**
 * Simulates acquisition: slowly varying coil sensitivity, noise and an arbitrary unit.
 *
 * The noise is Rician, the magnitude of a complex number with Gaussian noise in both parts. Values
 * are rounded to integers, as scanners store them, which also hides differences in the rounding of
 * logarithms between machines.
 *
 * @param difficulty Scales the noise and the strength of the coil sensitivity.
 */
export function acquire(
  brightness: Float32Array,
  shape: Zyx,
  random: Generator,
  difficulty: number,
): Float32Array<ArrayBuffer> {
  const gain = random.uniform(5, 12);
  const noise = difficulty * random.uniform(2, 3.2);
  const bias = Array.from({ length: 9 }, () => difficulty * random.uniform(-0.07, 0.07));
  const scan = new Float32Array(brightness.length);
  let voxel = 0;
  for (let k = 0; k < shape[0]; k++) {
    const z = (2 * k + 1) / shape[0] - 1;
    for (let j = 0; j < shape[1]; j++) {
      const y = (2 * j + 1) / shape[1] - 1;
      for (let i = 0; i < shape[2]; i++, voxel++) {
        const x = (2 * i + 1) / shape[2] - 1;
        const sensitivity = 1 + bias[0] * x + bias[1] * y + bias[2] * z +
          bias[3] * x * y + bias[4] * x * z + bias[5] * y * z +
          bias[6] * (x * x - 0.5) + bias[7] * (y * y - 0.5) + bias[8] * (z * z - 0.5);
        const signal = brightness[voxel] * Math.max(sensitivity, 0.2) + noise * random.normal();
        const other = noise * random.normal();
        scan[voxel] = Math.round(gain * Math.sqrt(signal * signal + other * other));
      }
    }
  }
  return scan;
}
