/**
 * Resampling a patch through a matrix, the inner loops of the spatial augmentation.
 *
 * Everything is a volume here: a slice is a volume of depth one, and a rotation about axis 0 leaves
 * z positions whole, so that their second plane is never read.
 */

import { sizeOf, type Zyx } from "../array/nd_array.ts";
import type { Matrix3 } from "./sampling_matrix.ts";

/** Label of positions outside the volume. */
const OUTSIDE = -1;

/** Scores closer than this are equal: the rounding of the weights must not decide. */
const TIE = 1e-6;

/**
 * Linear interpolation of every channel, zero outside.
 *
 * Voxel `o` of the result shows the position `matrix · (o − centre) + sourceCentre`.
 *
 * @param source Channels one after the other, each of `shape`.
 * @returns Channels one after the other, each of `size`.
 * @see torch.nn.functional.grid_sample with align_corners false and zero padding
 */
export function resampleImage(
  source: Float32Array,
  shape: Zyx,
  matrix: Matrix3,
  size: Zyx,
): Float32Array<ArrayBuffer> {
  const [depth, height, width] = shape;
  const plane = height * width;
  const volume = depth * plane;
  const channels = source.length / volume;
  const targetVolume = sizeOf(size);
  const target = new Float32Array(channels * targetVolume);
  let voxel = 0;
  forEachRow(shape, matrix, size, (rowZ, rowY, rowX, stepZ, stepY, stepX) => {
    for (let i = 0; i < size[2]; i++, voxel++) {
      const z = rowZ + i * stepZ, y = rowY + i * stepY, x = rowX + i * stepX;
      if (!(z > -1 && z < depth && y > -1 && y < height && x > -1 && x < width)) continue;
      const z0 = Math.floor(z), y0 = Math.floor(y), x0 = Math.floor(x);
      const fz = z - z0, fy = y - y0, fx = x - x0;
      // Steps to the upper neighbours, none where their weight is zero.
      const up = fz > 0 ? 1 : 0, down = fy > 0 ? 1 : 0, right = fx > 0 ? 1 : 0;
      const inside = z0 >= 0 && z0 + up < depth && y0 >= 0 && y0 + down < height &&
        x0 >= 0 && x0 + right < width;
      for (let channel = 0; channel < channels; channel++) {
        const first = channel * volume;
        let value: number;
        if (inside) {
          const a = first + z0 * plane + y0 * width + x0, b = a + down * width;
          const row0 = source[a] + fx * (source[a + right] - source[a]);
          const row1 = source[b] + fx * (source[b + right] - source[b]);
          value = row0 + fy * (row1 - row0);
          if (up === 1) {
            const c = a + plane, d = b + plane;
            const row2 = source[c] + fx * (source[c + right] - source[c]);
            const row3 = source[d] + fx * (source[d + right] - source[d]);
            value += fz * (row2 + fy * (row3 - row2) - value);
          }
        } else {
          value = 0;
          for (let corner = 0; corner < 8; corner++) {
            const cz = z0 + (corner >> 2), cy = y0 + (corner >> 1 & 1), cx = x0 + (corner & 1);
            if (!isInside(cz, cy, cx, shape)) continue;
            value += cornerWeight(corner, fz, fy, fx) *
              source[first + cz * plane + cy * width + cx];
          }
        }
        target[channel * targetVolume + voxel] = value;
      }
    }
  });
  return target;
}

/**
 * The label with most weight among the eight voxels around each position: linear interpolation of
 * one-hot maps and argmax, without making the maps. Positions outside count as −1.
 *
 * Where labels tie, the nearest voxel's wins if it is one of them, else the smallest. (Upstream
 * scores labels in half precision and so sees ties up to 5e-4 of a vote away; we do not.)
 *
 * @param source Labels of `shape`.
 * @returns Labels of `size`; none that is not in `source`, but −1.
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/spatial/spatial.py, _apply_to_segmentation
 */
export function resampleLabels(
  source: Int16Array,
  shape: Zyx,
  matrix: Matrix3,
  size: Zyx,
): Int16Array<ArrayBuffer> {
  const [depth, height, width] = shape;
  const plane = height * width;
  const target = new Int16Array(sizeOf(size));
  const corners = new Int16Array(8);
  let voxel = 0;
  forEachRow(shape, matrix, size, (rowZ, rowY, rowX, stepZ, stepY, stepX) => {
    for (let i = 0; i < size[2]; i++, voxel++) {
      const z = rowZ + i * stepZ, y = rowY + i * stepY, x = rowX + i * stepX;
      if (!(z > -1 && z < depth && y > -1 && y < height && x > -1 && x < width)) {
        target[voxel] = OUTSIDE;
        continue;
      }
      const z0 = Math.floor(z), y0 = Math.floor(y), x0 = Math.floor(x);
      const fz = z - z0, fy = y - y0, fx = x - x0;
      const up = fz > 0 ? 1 : 0, down = fy > 0 ? 1 : 0, right = fx > 0 ? 1 : 0;
      if (
        z0 >= 0 && z0 + up < depth && y0 >= 0 && y0 + down < height &&
        x0 >= 0 && x0 + right < width
      ) {
        const a = z0 * plane + y0 * width + x0, b = a + down * width;
        const c = a + up * plane, d = b + up * plane;
        const label = source[a];
        // Most voxels lie within one label, where there is nothing to weigh.
        if (
          label === source[a + right] && label === source[b] && label === source[b + right] &&
          label === source[c] && label === source[c + right] && label === source[d] &&
          label === source[d + right]
        ) {
          target[voxel] = label;
          continue;
        }
        corners[0] = label, corners[1] = source[a + right];
        corners[2] = source[b], corners[3] = source[b + right];
        corners[4] = source[c], corners[5] = source[c + right];
        corners[6] = source[d], corners[7] = source[d + right];
      } else {
        for (let corner = 0; corner < 8; corner++) {
          const cz = z0 + (corner >> 2), cy = y0 + (corner >> 1 & 1), cx = x0 + (corner & 1);
          corners[corner] = isInside(cz, cy, cx, shape)
            ? source[cz * plane + cy * width + cx]
            : OUTSIDE;
        }
      }
      const nearest = (roundsUp(z0, fz) ? 4 : 0) + (roundsUp(y0, fy) ? 2 : 0) +
        (roundsUp(x0, fx) ? 1 : 0);
      target[voxel] = vote(corners, corners[nearest], fz, fy, fx);
    }
  });
  return target;
}

/** The label with most weight among eight corners; `preferred` where it shares the top. */
function vote(
  corners: Int16Array,
  preferred: number,
  fz: number,
  fy: number,
  fx: number,
): number {
  let best = preferred;
  let bestScore = -1;
  for (let corner = 0; corner < 8; corner++) {
    const label = corners[corner];
    let score = 0;
    for (let other = 0; other < 8; other++) {
      if (corners[other] === label) score += cornerWeight(other, fz, fy, fx);
    }
    const tied = Math.abs(score - bestScore) < TIE;
    if (tied ? best !== preferred && (label === preferred || label < best) : score > bestScore) {
      best = label;
      bestScore = score;
    }
  }
  return best;
}

/** Share of corner `4·z + 2·y + x` in a position between eight voxels. */
function cornerWeight(corner: number, fz: number, fy: number, fx: number): number {
  return ((corner & 4) !== 0 ? fz : 1 - fz) * ((corner & 2) !== 0 ? fy : 1 - fy) *
    ((corner & 1) !== 0 ? fx : 1 - fx);
}

/** Whether `floor + fraction` rounds to the upper neighbour, halves to the even one. */
function roundsUp(floor: number, fraction: number): boolean {
  return fraction > 0.5 || (fraction === 0.5 && (floor & 1) === 1);
}

function isInside(z: number, y: number, x: number, shape: Zyx): boolean {
  return z >= 0 && z < shape[0] && y >= 0 && y < shape[1] && x >= 0 && x < shape[2];
}

/** Calls back with the source position of each row's first voxel, and the step along the row. */
function forEachRow(
  shape: Zyx,
  m: Matrix3,
  size: Zyx,
  row: (z: number, y: number, x: number, stepZ: number, stepY: number, stepX: number) => void,
) {
  const firstX = -(size[2] - 1) / 2;
  for (let i = 0; i < size[0]; i++) {
    const z = i - (size[0] - 1) / 2;
    for (let j = 0; j < size[1]; j++) {
      const y = j - (size[1] - 1) / 2;
      row(
        m[0] * z + m[1] * y + m[2] * firstX + (shape[0] - 1) / 2,
        m[3] * z + m[4] * y + m[5] * firstX + (shape[1] - 1) / 2,
        m[6] * z + m[7] * y + m[8] * firstX + (shape[2] - 1) / 2,
        m[2],
        m[5],
        m[8],
      );
    }
  }
}
