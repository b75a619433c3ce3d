/**
 * Chooses the spacing to which all cases are resampled, and the resulting order of axes.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/experiment_planners/default_experiment_planner.py
 */

import { type Zyx, zyx } from "../array/nd_array.ts";
import { median, percentile } from "../array/quantile.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import type { Fingerprint } from "../files/plans.ts";
import type { Note } from "./reason.ts";

/** An axis more than this many times coarser than the others gets a finer target than its median. */
const ANISOTROPY = 3;

type Axis = 0 | 1 | 2;
const axes: readonly Axis[] = [0, 1, 2];

/**
 * Returns the target spacing of 3d_fullres in mm, (z, y, x), before any transposition.
 *
 * It is the median of the cases. If one axis is much coarser than the others and has far fewer
 * voxels, that axis takes the 10th percentile: the median would make most cases lose slices.
 */
export function targetSpacing(
  { spacings, shapesAfterCrop }: Fingerprint,
  note: Note = () => {},
): Zyx {
  const [target, size] = [spacings, shapesAfterCrop].map((lists) =>
    axes.map((axis) => percentile(alongAxis(lists, axis), 50))
  );
  const coarsest = coarsestAxis(target);
  const others = otherAxes(coarsest);
  const coarsestOther = Math.max(...others.map((axis) => target[axis]));
  const hasCoarseAxis = target[coarsest] > ANISOTROPY * coarsestOther;
  const hasFewSlices = size[coarsest] * ANISOTROPY < Math.min(...others.map((axis) => size[axis]));
  const medianSpacing = [...target];
  if (hasCoarseAxis && hasFewSlices) {
    const finer = percentile(alongAxis(spacings, coarsest), 10);
    // Stays the coarsest, so that the order of axes does not change.
    target[coarsest] = finer < coarsestOther ? coarsestOther + 1e-5 : finer;
  }
  note({
    decision: "target spacing",
    chosen: `${target.map((mm) => +mm.toFixed(4)).join(" × ")} mm`,
    rule: hasCoarseAxis && hasFewSlices
      ? "The median of the cases, and the 10th percentile along the axis that is far coarser"
      : "The median of the cases",
    numbers: {
      cases: spacings.length,
      medianSpacing,
      medianShape: size,
      coarsestToNext: target[coarsest] / coarsestOther,
    },
  });
  return zyx(target);
}

/** Returns the transposition that moves the coarsest axis to the front, and its inverse. */
export function transposeToFront(spacing: Zyx): { forward: Zyx<Axis>; backward: Zyx<Axis> } {
  const coarsest = coarsestAxis(spacing);
  const [second, third] = otherAxes(coarsest);
  const forward: Zyx<Axis> = [coarsest, second, third];
  return { forward, backward: zyx(axes.map((axis) => forward.indexOf(axis) as Axis)) };
}

/** Returns the median shape of the cases after resampling to `target`; extents may end in ½. */
export function resampledMedianShape(fingerprint: Fingerprint, target: Zyx): Zyx {
  const shapes = fingerprint.shapesAfterCrop.map((shape, i) =>
    shape.map((extent, axis) =>
      roundHalfToEven(fingerprint.spacings[i][axis] / target[axis] * extent)
    )
  );
  return medianPerAxis(shapes);
}

/** Returns the median of each of three columns. */
export function medianPerAxis(rows: readonly (readonly number[])[]): Zyx {
  return zyx(axes.map((axis) => median(alongAxis(rows, axis))));
}

/** Returns the axis with the largest spacing; of several, the first. */
function coarsestAxis(spacing: readonly number[]): Axis {
  return spacing.indexOf(Math.max(...spacing)) as Axis;
}

function otherAxes(axis: Axis): Axis[] {
  return axes.filter((other) => other !== axis);
}

function alongAxis(rows: readonly (readonly number[])[], axis: Axis): number[] {
  return rows.map((row) => row[axis]);
}
