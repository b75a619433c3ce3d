/**
 * Finds which anatomical axis each voxel axis of a grid follows, as nibabel and as ITK do. They differ
 * only for oblique grids near a tie, and for grids with shear.
 */

import { columnLength } from "./geometry.ts";
import { nearestRotation } from "./nearest_rotation.ts";
import type { GridConvention } from "./reader.ts";

/** For each voxel axis x, y, z: its axis in RAS (0 = right), and whether it runs the other way. */
export interface Orientation {
  readonly axes: readonly [x: number, y: number, z: number];
  readonly flipped: readonly [x: boolean, y: boolean, z: boolean];
}

/**
 * Returns a grid's orientation.
 *
 * @param affine Row-major 4×4, from voxel indices to RAS millimetres.
 * @returns Undefined if the voxel axes do not span space, so that one follows no anatomical axis.
 * @see nibabel.orientations.io_orientation, itk::AnatomicalOrientation
 */
export function orientationOf(
  affine: readonly number[],
  convention: GridConvention,
): Orientation | undefined {
  return convention === "nibabel" ? asNibabel(affine) : asItk(affine);
}

/** Voxel axes choose in the order of how clearly they follow an anatomical axis. */
function asNibabel(affine: readonly number[]): Orientation | undefined {
  const rotation = nearestRotation([0, 1, 2].flatMap((row) => affine.slice(4 * row, 4 * row + 3)));
  const columns = [0, 1, 2].map((axis) => [0, 3, 6].map((row) => rotation[row + axis]));
  const clarity = columns.map((column) => Math.max(...column.map((value) => value * value)));
  const order = [0, 1, 2].sort((a, b) => clarity[b] - clarity[a]); // Stable for ties, as nibabel's.
  const found: (readonly [world: number, flipped: boolean])[] = [];
  for (const axis of order) {
    const sizes = columns[axis].map(Math.abs);
    if (!(Math.max(...sizes) > 1e-8)) return undefined;
    const world = sizes.indexOf(Math.max(...sizes));
    found[axis] = [world, columns[axis][world] < 0];
    for (const column of columns) column[world] = 0;
  }
  return orientationFrom(found);
}

/** The largest remaining direction cosine of all decides next; the later one of equal ones. */
function asItk(affine: readonly number[]): Orientation | undefined {
  const lengths = [0, 1, 2].map((axis) => columnLength(affine, axis));
  const found: (readonly [world: number, flipped: boolean])[] = [];
  const taken = new Set<number>();
  for (let choice = 0; choice < 3; choice++) {
    let best: { readonly size: number; readonly world: number; readonly axis: number } | undefined;
    for (let world = 0; world < 3; world++) {
      for (let axis = 0; axis < 3; axis++) {
        if (taken.has(world) || found[axis]) continue;
        const size = Math.abs(affine[4 * world + axis]) / lengths[axis];
        if (!best || size >= best.size) best = { size, world, axis };
      }
    }
    if (!best || !(best.size >= 0)) return undefined;
    taken.add(best.world);
    found[best.axis] = [best.world, !(affine[4 * best.world + best.axis] > 0)];
  }
  return orientationFrom(found);
}

function orientationFrom(found: readonly (readonly [number, boolean])[]): Orientation {
  const [x, y, z] = found;
  return { axes: [x[0], y[0], z[0]], flipped: [x[1], y[1], z[1]] };
}
