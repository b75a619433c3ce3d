/** Says how the grids of two images differ. */

import { sameShape } from "../array/nd_array.ts";
import { allClose, directionOf, originOf } from "../image/geometry.ts";
import type { Geometry } from "../image/image.ts";

/** In what two grids differ. */
export interface GridDifference {
  /** Grids of other shapes or spacings cannot be of one case, by nnU-Net's rules. */
  readonly severity: "error" | "warning";
  /** What differs: `shape`, `spacing`, `origin`, `direction` or `affine`. */
  readonly kind: string;
  /** What was found and expected. */
  readonly message: string;
}

/**
 * Returns in what a grid differs from another: the shape only, the spacing only, or where it lies.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/experiment_planning/verify_dataset_integrity.py
 */
export function gridDifferences(found: Geometry, needed: Geometry): GridDifference[] {
  if (!sameShape(found.shape, needed.shape)) {
    return [{
      severity: "error",
      kind: "shape",
      message: `shape is ${found.shape.join(" × ")}, expected ${needed.shape.join(" × ")}`,
    }];
  }
  if (!allClose(found.spacing, needed.spacing)) {
    return [{
      severity: "error",
      kind: "spacing",
      message: `spacing is ${found.spacing.join(" × ")} mm, expected ${
        needed.spacing.join(" × ")
      } mm`,
    }];
  }
  const differing = ([["origin", originOf], ["direction", directionOf]] as const)
    .map(([kind, of]) => ({ kind, found: of(found), needed: of(needed) }))
    .filter(({ found, needed }) => !agree(found, needed));
  const affines = { kind: "affine", found: found.affine, needed: needed.affine };
  const rest = differing.length === 0 && !agree(found.affine, needed.affine) ? [affines] : [];
  return [...differing, ...rest].map(({ kind, found, needed }) => ({
    severity: "warning",
    kind,
    message: `${kind} is ${list(found)}, expected ${list(needed)}`,
  }));
}

/** Like `numpy.allclose`, but tolerant of float32 rounding in components near zero. */
function agree(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => Math.abs(value - b[i]) <= 1e-5 * (1 + Math.abs(b[i])));
}

function list(values: readonly number[]): string {
  return `(${values.map((value) => Number(value.toPrecision(6))).join(", ")})`;
}
