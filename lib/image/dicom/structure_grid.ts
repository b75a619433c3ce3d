/** Structures that DICOM files outline, and the grid of a scan on which they are drawn. */

import { printable } from "../../untrusted/printable.ts";
import type { Geometry } from "../image.ts";
import { crossProduct, dotProduct } from "./directions.ts";

/** The grid of a scan on which structures are drawn. */
export interface StructureGrid {
  /** The geometry that a label map gets. */
  readonly geometry: Geometry;
  /** Where voxels really are, if that differs because the gantry was tilted. */
  readonly placed?: Geometry;
  /** Identifier of the frame of reference, if the scan has one. */
  readonly frameOfReference?: string;
}

/** Voxel coordinates, (x, y, z), of positions in LPS millimetres. */
export type ToVoxels = (position: readonly number[]) => [number, number, number];

/** Returns the function from positions to voxel coordinates. */
export function toVoxelsOf({ geometry, placed = geometry }: StructureGrid): ToVoxels {
  const column = (axis: number) => [0, 1, 2].map((row) => placed.affine[4 * row + axis]);
  const [x, y, z, origin] = [0, 1, 2, 3].map(column);
  const volume = dotProduct(x, crossProduct(y, z));
  // Rows of the inverse, by Cramer's rule.
  const rows = [crossProduct(y, z), crossProduct(z, x), crossProduct(x, y)];
  return ([left, back, up]) => {
    const offset = [-left - origin[0], -back - origin[1], up - origin[2]]; // RAS
    const [i, j, k] = rows.map((row) => dotProduct(row, offset) / volume);
    return [i, j, k];
  };
}

/** The structures of a file. */
export interface DicomStructures {
  readonly path: string;
  /** Names in the order of the file; structures of the same name are one. */
  readonly names: readonly string[];
  /** Structures that have no area, such as points, whose names are not among the others. */
  readonly empty: readonly string[];
  /**
   * Draws a structure on a grid.
   *
   * @returns 1 for the voxels of the structure, (z, y, x).
   * @throws {RangeError} If it is not on the grid.
   */
  readonly draw: (
    name: string,
    grid: StructureGrid,
    onWarning?: (message: string) => void,
  ) => Uint8Array;
}

/**
 * Requires that structures and scan are in the same frame of reference, as far as both say.
 *
 * @throws {RangeError} If they are of different ones.
 */
export function requireSameFrame(
  found: string | undefined,
  { frameOfReference }: StructureGrid,
  path: string,
): void {
  if (found === undefined || frameOfReference === undefined || found === frameOfReference) return;
  throw new RangeError(
    `Cannot read ${path}: its frame of reference is ${printable(found)}, ` +
      `expected ${printable(frameOfReference)}, the scan's`,
  );
}
