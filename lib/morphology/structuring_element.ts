/** Structuring elements for dilation and erosion. */

import type { NdArray } from "../array/nd_array.ts";

/**
 * Returns a disk or ball that is 1 within the radius, as scikit-image does.
 *
 * For a fractional radius r, scikit-image's disk starts at −r in steps of one voxel and so extends
 * further on one side, while its ball spaces `floor(2 r + 1)` voxels evenly from −r to r. nnU-Net
 * draws such radii, so both are reproduced.
 *
 * @param radius In voxels, at least 0.5.
 * @param axes 2 for a disk, 3 for a ball.
 * @throws {RangeError} If the radius is below 0.5.
 * @see scikit-image 0.26 `skimage.morphology.disk`, `ball`
 */
export function ball(radius: number, axes: 2 | 3): NdArray<Uint8Array<ArrayBuffer>> {
  if (!(radius >= 0.5)) {
    throw new RangeError(`Cannot create a ball: radius is ${radius}, expected at least 0.5`);
  }
  const extent = axes === 2 ? Math.ceil(2 * radius + 1) : Math.floor(2 * radius + 1);
  const step = axes === 2 ? 1 : 2 * radius / (extent - 1);
  const squares = Float64Array.from({ length: extent }, (_, i) => (i * step - radius) ** 2);
  const depth = axes === 3 ? extent : 1;
  const data = new Uint8Array(depth * extent * extent);
  let voxel = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < extent; y++) {
      for (let x = 0; x < extent; x++, voxel++) {
        // Summed in scikit-image's order, because rounding decides at the boundary.
        const squared = squares[x] + squares[y] + (axes === 3 ? squares[z] : 0);
        data[voxel] = squared <= radius * radius ? 1 : 0;
      }
    }
  }
  return { shape: axes === 3 ? [extent, extent, extent] : [extent, extent], data };
}
