/** How far patches of a given shape are turned, and how much larger they must be read for it. */

import type { Shape } from "../array/nd_array.ts";

/** Longest edge over the number of slices above which a patch is turned within its slices only. */
const ANISOTROPY_THRESHOLD = 3;

/** Longest over shortest edge above which slices are turned a little only. */
const ELONGATION_THRESHOLD = 1.5;

/** Smallest scaling for which the enlarged patch has data; nnU-Net draws down to 0.7 all the same. */
const SMALLEST_SCALING = 0.85;

/** Spatial augmentation suited to a patch. */
export interface AugmentationPlan {
  /** Angles are drawn from ± this, in radians. */
  readonly maxRotation: number;
  /** Turn slices within their plane only ("dummy 2D"). */
  readonly slicewise: boolean;
  /** Axes to mirror, in training and at prediction. */
  readonly mirrorAxes: readonly number[];
}

/**
 * nnU-Net's choice for a patch, (z, y, x) or (y, x).
 *
 * @param turnSlices Whether slices of volumes are turned within their plane only; by default if the
 * patch is much wider than deep.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py,
 * configure_rotation_dummyDA_mirroring_and_inital_patch_size
 *
 * @example Patches much wider than deep are turned within their slices
 * ```ts
 * planAugmentation([20, 256, 224]); // { maxRotation: Math.PI, slicewise: true, mirrorAxes: [0, 1, 2] }
 * ```
 */
export function planAugmentation(patchSize: Shape, turnSlices?: boolean): AugmentationPlan {
  const mirrorAxes = patchSize.map((_, axis) => axis);
  const longest = Math.max(...patchSize);
  if (patchSize.length === 2) {
    const elongated = longest / Math.min(...patchSize) > ELONGATION_THRESHOLD;
    return { maxRotation: elongated ? Math.PI / 12 : Math.PI, slicewise: false, mirrorAxes };
  }
  const slicewise = turnSlices ?? longest / patchSize[0] > ANISOTROPY_THRESHOLD;
  return { maxRotation: slicewise ? Math.PI : Math.PI / 6, slicewise, mirrorAxes };
}

/**
 * Shape of the patch to read, so that a rotation finds data where it reaches past the final patch.
 *
 * The final patch's diagonal is turned about one axis at a time by the largest angle, at most 90°.
 * nnU-Net turns it one way only, so axes are not treated alike; kept, since it decides what is read.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/data_augmentation/compute_initial_patch_size.py
 *
 * @example
 * ```ts
 * initialPatchSize([40, 56, 40], { maxRotation: Math.PI / 6, slicewise: false }); // [73, 80, 64]
 * ```
 */
export function initialPatchSize(
  patchSize: Shape,
  { maxRotation, slicewise }: Pick<AugmentationPlan, "maxRotation" | "slicewise">,
  smallestScaling = SMALLEST_SCALING,
): number[] {
  const angle = Math.min(Math.abs(maxRotation), Math.PI / 2);
  const cos = Math.cos(angle), sin = Math.sin(angle);
  const turned = (first: number, second: number) => [
    Math.abs(first * cos + second * sin),
    Math.abs(second * cos - first * sin),
  ];
  const reach = [...patchSize];
  const extend = (axis: number, extent: number) => reach[axis] = Math.max(reach[axis], extent);
  if (patchSize.length === 2) {
    turned(patchSize[0], patchSize[1]).forEach((extent, axis) => extend(axis, extent));
  } else {
    const [z, y, x] = patchSize;
    const [y0, x0] = turned(y, x), [x1, z1] = turned(x, z), [z2, y2] = turned(z, y);
    extend(0, Math.max(z1, z2));
    extend(1, Math.max(y0, y2));
    extend(2, Math.max(x0, x1));
  }
  const size = reach.map((extent) => Math.trunc(extent / smallestScaling));
  if (slicewise) size[0] = patchSize[0];
  return size;
}
