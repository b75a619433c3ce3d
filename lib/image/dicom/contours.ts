/** Draws the contours of structure sets on a grid. */

import type { Zyx } from "../../array/nd_array.ts";
import type { ToVoxels } from "./structure_grid.ts";

/** Voxels by which the points of a contour may leave its plane; positions are rounded in files. */
const planeTolerance = 0.1;

/** The contours of one plane: the axis across it, the slice, and polygons in the other two axes. */
interface Plane {
  readonly axis: 0 | 1 | 2;
  readonly slice: number;
  readonly polygons: (readonly (readonly [number, number])[])[];
}

/** What became of a structure's contours. */
export interface DrawnContours {
  /** Number of contours outside of the scan's slices, which were not drawn. */
  readonly outside: number;
  /** A contour that is not parallel to any plane of the grid, if there is one. */
  readonly oblique?: number;
}

/**
 * Sets the voxels inside of contours.
 *
 * A voxel is inside if its centre is. Contours in the same plane that contain each other make holes,
 * as the standard has it; so do those that are linked by a narrow channel.
 *
 * @param contours Points of each, (x, y, z) in LPS mm, one after the other.
 * @param toVoxels From positions to the grid.
 * @param shape The grid, (z, y, x).
 * @param mask Receives 1 for every voxel inside, (z, y, x).
 */
export function drawContours(
  contours: readonly (readonly number[])[],
  toVoxels: ToVoxels,
  shape: Zyx,
  mask: Uint8Array,
): DrawnContours {
  const size = [shape[2], shape[1], shape[0]]; // (x, y, z)
  const planes = new Map<string, Plane>();
  let outside = 0;
  for (const [number, values] of contours.entries()) {
    const points = Array.from(
      { length: Math.floor(values.length / 3) },
      (_, i) => toVoxels(values.slice(3 * i, 3 * i + 3)),
    );
    const axis = ([2, 1, 0] as const).find((axis) => rangeOf(points, axis) < planeTolerance);
    if (axis === undefined) return { outside, oblique: number };
    const slice = Math.round(points.reduce((sum, one) => sum + one[axis], 0) / points.length);
    if (!(slice >= 0 && slice < size[axis])) {
      outside++;
      continue;
    }
    const [right, down] = otherAxes(axis);
    const key = `${axis} ${slice}`;
    const plane = planes.get(key) ?? { axis, slice, polygons: [] };
    plane.polygons.push(points.map((point) => [point[right], point[down]] as const));
    planes.set(key, plane);
  }
  for (const plane of planes.values()) fillPlane(plane, size, mask);
  return { outside };
}

function rangeOf(points: readonly (readonly number[])[], axis: number): number {
  let [low, high] = [Infinity, -Infinity];
  for (const point of points) {
    low = Math.min(low, point[axis]);
    high = Math.max(high, point[axis]);
  }
  return high - low;
}

function otherAxes(axis: 0 | 1 | 2): [number, number] {
  return axis === 2 ? [0, 1] : axis === 1 ? [0, 2] : [1, 2];
}

/** Fills between every other crossing of each line of voxel centres. */
function fillPlane({ axis, slice, polygons }: Plane, size: readonly number[], mask: Uint8Array) {
  const [right, down] = otherAxes(axis);
  const steps = [1, size[0], size[0] * size[1]];
  for (let row = 0; row < size[down]; row++) {
    const crossings: number[] = [];
    for (const polygon of polygons) {
      for (const [i, [x0, y0]] of polygon.entries()) {
        const [x1, y1] = polygon[(i + 1) % polygon.length];
        if (y0 <= row === y1 <= row) continue;
        crossings.push(x0 + (row - y0) / (y1 - y0) * (x1 - x0));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const first = Math.max(0, Math.ceil(crossings[pair]));
      const end = Math.min(size[right], Math.ceil(crossings[pair + 1])); // Exclusive.
      for (let column = first; column < end; column++) {
        mask[slice * steps[axis] + row * steps[down] + column * steps[right]] = 1;
      }
    }
  }
}
