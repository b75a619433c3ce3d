/** How plans resample volumes. `resampling_json.ts` converts it to the keys of nnU-Net's files. */

import type { SplineOrder } from "../array/resize_matrix.ts";

/** Ways in which PyTorch's `interpolate()` computes new voxels. */
export type InterpolationMode = "linear" | "nearest" | "nearest-exact" | "area" | "bicubic";

/** Which slices are resampled one by one, because they are too far apart to be blended. */
export interface SliceRule {
  /**
   * Whether the slices along the coarsest axis are resampled one by one; by default, the spacing
   * decides.
   */
  readonly separate?: boolean;
  /** Ratio of spacings above which an axis counts as coarse. */
  readonly anisotropyThreshold: number;
}

/** Resampling by splines, as scikit-image and SciPy do. */
export interface SplineResampling extends SliceRule {
  /** The kind of resampling. */
  readonly kind: "spline";
  /** Order of the splines: 0 takes the nearest voxel, 1 is linear, 3 cubic. */
  readonly order: SplineOrder;
  /** Order along the axis of slices that are resampled one by one. */
  readonly orderAcross: SplineOrder;
}

/** Resampling by PyTorch's `interpolate()`. */
export interface TorchResampling extends SliceRule {
  /** The kind of resampling. */
  readonly kind: "torch";
  /** How slices that are resampled one by one are computed; whole volumes always linearly. */
  readonly mode: InterpolationMode;
  /** How new slices are computed from those that were resampled one by one. */
  readonly modeAcross: Exclude<InterpolationMode, "bicubic">;
  /** For labels: whether a label needs more than half of the weight, rather than the most. */
  readonly majority: boolean;
}

/** No resampling: every volume keeps its grid. */
export interface NoResampling {
  /** The kind of resampling. */
  readonly kind: "none";
}

/** How a volume is resampled to another grid. */
export type Resampling = SplineResampling | TorchResampling | NoResampling;

/** How a configuration resamples scans, label maps and predictions. */
export interface PlannedResampling {
  /** For intensities, to the configuration's spacing. */
  readonly data: Resampling;
  /** For label maps, to the configuration's spacing. */
  readonly segmentation: Resampling;
  /** For predicted logits, to the scan's grid. */
  readonly probabilities: Resampling;
}

/** Spacing ratio above which nnU-Net resamples slices one by one. */
export const ANISOTROPY_THRESHOLD = 3;

/** nnU-Net's resampling: cubic for intensities, linear for labels and logits. */
export const splineResampling: PlannedResampling = {
  data: splines(3),
  segmentation: splines(1),
  probabilities: splines(1),
};

/** Resampling of nnU-Net's planners whose names end in `torchres`. */
export const torchResampling: PlannedResampling = all(torch({ separate: false }));

/** As {@link torchResampling}, with distant slices resampled one by one. */
export const torchSliceResampling: PlannedResampling = all(torch({}));

/** Every scan keeps its grid. */
export const noResampling: PlannedResampling = all({ kind: "none" });

function splines(order: SplineOrder): SplineResampling {
  return { kind: "spline", order, orderAcross: 0, anisotropyThreshold: ANISOTROPY_THRESHOLD };
}

function torch(slices: Pick<SliceRule, "separate">): TorchResampling {
  return {
    kind: "torch",
    mode: "linear",
    modeAcross: "nearest-exact",
    majority: false,
    ...slices,
    anisotropyThreshold: ANISOTROPY_THRESHOLD,
  };
}

function all(resampling: Resampling): PlannedResampling {
  return { data: resampling, segmentation: resampling, probabilities: resampling };
}
