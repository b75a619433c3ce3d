/** Chooses the slices of a volume that show most of its labels. */

import type { Labels } from "../array/labels.ts";
import type { Zyx } from "../array/nd_array.ts";

/**
 * Returns the slice with the most foreground per array axis, or the middle one if there is none.
 *
 * @param maps Label maps, (z, y, x) in C order; the first with any foreground decides.
 * @param shape Voxels per axis, (z, y, x).
 */
export function busiestSlices(
  maps: readonly (Labels | undefined)[],
  [depth, height, width]: Zyx,
): Zyx {
  for (const labels of maps) {
    if (!labels) continue;
    const counts = [depth, height, width].map((extent) => new Uint32Array(extent));
    let voxel = 0;
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          if (labels[voxel++] === 0) continue;
          counts[0][z]++;
          counts[1][y]++;
          counts[2][x]++;
        }
      }
    }
    const [z, y, x] = counts.map((count) =>
      count.reduce((best, size, i) => size > count[best] ? i : best, 0)
    );
    if (counts[0][z] > 0) return [z, y, x];
  }
  return [depth >> 1, height >> 1, width >> 1];
}
