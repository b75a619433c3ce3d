/** How each axis is resized under a plan's resampling. */

import {
  interpolationMatrix,
  interpolationTaps,
  type TwoTapMode,
} from "../array/interpolation_matrix.ts";
import { type LinearTaps, linearTaps } from "../array/linear_taps.ts";
import { type NdArray, sameShape, type Shape, type Zyx, zyx } from "../array/nd_array.ts";
import { resizeMatrix, type SplineOrder } from "../array/resize_matrix.ts";
import type { InterpolationMode, Resampling } from "../files/resampling.ts";
import { separateAxis } from "./resampling_rules.ts";

/** How one axis is resized. */
export type AxisMethod =
  | { readonly kind: "spline"; readonly order: SplineOrder }
  | { readonly kind: "torch"; readonly mode: InterpolationMode };

/** A method that takes at most two voxels for a new one. */
export type TwoTapMethod =
  | { readonly kind: "spline"; readonly order: 0 | 1 }
  | { readonly kind: "torch"; readonly mode: TwoTapMode };

/** A grid and another to which a volume on it is resampled. */
export interface GridChange {
  /** Voxels per axis, (z, y, x). */
  readonly from: Shape;
  /** Voxels per axis afterwards. */
  readonly to: Shape;
  /** Spacing in mm, (z, y, x). */
  readonly spacing: readonly number[];
  /** Spacing afterwards. */
  readonly newSpacing: readonly number[];
}

const nearest: TwoTapMethod = { kind: "spline", order: 0 };

/** The methods of all axes, (z, y, x). */
export interface AxisMethods<M extends AxisMethod = AxisMethod> {
  readonly axes: Zyx<M>;
  /** The axis whose slices are resized one by one, if any. */
  readonly separate?: number;
}

/**
 * Returns how the axes are resized.
 *
 * @param resampling What the plan says.
 * @param change The grid before and after resampling.
 * @throws {RangeError} If the plan resamples nothing, and the shapes differ.
 */
export function axisMethods(
  resampling: Resampling,
  { from, to, spacing, newSpacing }: GridChange,
): AxisMethods {
  if (resampling.kind === "none") {
    if (sameShape(from, to)) return { axes: [nearest, nearest, nearest] };
    throw new RangeError(
      `Cannot resample ${from.join(" × ")} voxels to ${to.join(" × ")}: the plan resamples nothing`,
    );
  }
  const separate = separateAxis(spacing, newSpacing, resampling);
  const methodOf = (axis: number): AxisMethod => {
    if (resampling.kind === "spline") {
      const { order, orderAcross } = resampling;
      return { kind: "spline", order: axis === separate ? orderAcross : order };
    }
    // nnU-Net passes the mode on only where slices are resized one by one.
    const { mode, modeAcross } = resampling;
    if (separate === undefined) return { kind: "torch", mode: "linear" };
    return { kind: "torch", mode: axis === separate ? modeAcross : mode };
  };
  return { axes: zyx([0, 1, 2].map(methodOf)), separate };
}

/** Returns the matrix that resizes an axis, of shape (to, from). */
export function axisMatrix(
  method: AxisMethod,
  from: number,
  to: number,
): NdArray<Float64Array<ArrayBuffer>> {
  return method.kind === "spline"
    ? resizeMatrix(from, to, method.order)
    : interpolationMatrix(from, to, method.mode);
}

/** Returns whether every axis that changes takes at most two voxels for a new one. */
export function haveTwoTaps(
  methods: AxisMethods,
  from: Shape,
  to: Shape,
): methods is AxisMethods<TwoTapMethod> {
  return methods.axes.every((method, axis) => from[axis] === to[axis] || hasTwoTaps(method));
}

/** Returns whether a resampling takes at most two voxels along every axis, whatever the spacing. */
export function alwaysHasTwoTaps(resampling: Resampling): boolean {
  if (resampling.kind === "none") return true;
  if (resampling.kind === "spline") return resampling.order <= 1 && resampling.orderAcross <= 1;
  return [resampling.mode, resampling.modeAcross].every((mode) =>
    hasTwoTaps({ kind: "torch", mode })
  );
}

function hasTwoTaps(method: AxisMethod): method is TwoTapMethod {
  return method.kind === "spline"
    ? method.order <= 1
    : method.mode !== "area" && method.mode !== "bicubic";
}

/** Returns the old voxels and weights of each new one. */
export function axisTaps(method: AxisMethod, from: number, to: number): LinearTaps {
  if (from === to) return linearTaps(from, to, 0);
  if (!hasTwoTaps(method)) {
    throw new TypeError(`Cannot resize an axis by ${JSON.stringify(method)}: expected two taps`);
  }
  return method.kind === "spline"
    ? linearTaps(from, to, method.order)
    : interpolationTaps(from, to, method.mode);
}
