/** Anatomical planes of a voxel grid, oriented by radiological convention. */

import type { Geometry } from "../image/image.ts";

/** One screen axis of a view. */
export interface ViewAxis {
  /** Array axis: 0 = z, 1 = y, 2 = x. */
  readonly axis: 0 | 1 | 2;
  /** Whether the array index decreases from left to right, or from top to bottom. */
  readonly reversed: boolean;
  /** Letters of the patient's sides at the start and end; undefined if unknown. */
  readonly sides?: readonly [start: string, end: string];
}

/** A plane of the grid and its orientation on the screen. */
export interface View {
  readonly name: "axial" | "coronal" | "sagittal" | "image";
  /** Horizontal axis, left to right. */
  readonly across: ViewAxis;
  /** Vertical axis, top to bottom. */
  readonly down: ViewAxis;
  /** Array axis perpendicular to the plane. */
  readonly through: 0 | 1 | 2;
}

/** Sides of an affine's world axes, which are RAS by NIfTI's convention. */
const sides = [["R", "L"], ["A", "P"], ["S", "I"]] as const;

/**
 * Returns the axial, coronal and sagittal views of a grid.
 *
 * By radiological convention, the patient's right is on the left, superior and anterior are up, and
 * anterior is left in the sagittal view. Every screen axis is therefore opposite to its world axis.
 * An oblique grid is shown along its own axes, each named after the nearest world axis.
 *
 * @returns Three views; for a 2D image (z = 1), one view as it is stored, without sides.
 */
export function viewsOf(geometry: Geometry): View[] {
  if (geometry.shape[0] === 1) {
    const asStored = (axis: 1 | 2): ViewAxis => ({ axis, reversed: false });
    return [{ name: "image", across: asStored(2), down: asStored(1), through: 0 }];
  }
  const [rightLeft, anteriorPosterior, superiorInferior] = worldAxes(geometry.affine);
  const view = (name: View["name"], across: ViewAxis, down: ViewAxis, through: ViewAxis): View => ({
    name,
    across,
    down,
    through: through.axis,
  });
  return [
    view("axial", rightLeft, anteriorPosterior, superiorInferior),
    view("coronal", rightLeft, superiorInferior, anteriorPosterior),
    view("sagittal", anteriorPosterior, superiorInferior, rightLeft),
  ];
}

/** Returns the array axis nearest to each world axis (R, A, S), in the opposite direction. */
function worldAxes(affine: readonly number[]): ViewAxis[] {
  const columns = [0, 1, 2].map((column) => {
    const direction = [0, 1, 2].map((row) => affine[4 * row + column]);
    const length = Math.hypot(...direction);
    return direction.map((part) => part / length);
  });
  const alignment = (order: readonly number[]) =>
    order.reduce((sum, column, world) => sum + Math.abs(columns[column][world]), 0);
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  const best = orders.reduce((a, b) => alignment(b) > alignment(a) ? b : a);
  return best.map((column, world) => ({
    axis: 2 - column as 0 | 1 | 2, // Affine columns are (x, y, z), array axes (z, y, x).
    reversed: columns[column][world] > 0,
    sides: sides[world],
  }));
}
