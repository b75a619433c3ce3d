/** Chooses rotation and mirroring for a patch shape, and the larger patch that they require. */

import type { Shape } from "../array/nd_array.ts";

/** Ratio of longest edge to number of slices above which patches rotate within slices only. */
const ANISOTROPY_THRESHOLD = 3;

/** Ratio of longest to shortest edge above which 2D patches rotate by small angles only. */
const ELONGATION_THRESHOLD = 1.5;

/** Smallest scaling that the enlarged patch has data for, although nnU-Net draws down to 0.7. */
const SMALLEST_SCALING = 0.85;

/** Spatial augmentation for a patch. */
export interface AugmentationPlan {
  /** Largest angle in radians; angles are drawn from ± this value. */
  readonly maxRotation: number;
  /** Whether slices rotate within their plane only ("dummy 2D"). */
  readonly slicewise: boolean;
  /** Spatial axes to mirror in training and at prediction, 0 the outermost. */
  readonly mirrorAxes: readonly number[];
}

/**
 * Chooses the spatial augmentation for a patch as nnU-Net does.
 *
 * @param patchSize Voxels per axis, (z, y, x) or (y, x).
 * @param rotateSlices Whether volumes rotate within their slices only; by default, if the patch is
 * much wider than deep.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py,
 * configure_rotation_dummyDA_mirroring_and_inital_patch_size
 *
 * @example Patches much wider than deep rotate within their slices
 * ```ts
 * planAugmentation([20, 256, 224]); // { maxRotation: Math.PI, slicewise: true, mirrorAxes: [0, 1, 2] }
 * ```
 */
export function planAugmentation(patchSize: Shape, rotateSlices?: boolean): AugmentationPlan {
  const mirrorAxes = patchSize.map((_, axis) => axis);
  const longest = Math.max(...patchSize);
  if (patchSize.length === 2) {
    const elongated = longest / Math.min(...patchSize) > ELONGATION_THRESHOLD;
    return { maxRotation: elongated ? Math.PI / 12 : Math.PI, slicewise: false, mirrorAxes };
  }
  const slicewise = rotateSlices ?? longest / patchSize[0] > ANISOTROPY_THRESHOLD;
  return { maxRotation: slicewise ? Math.PI : Math.PI / 6, slicewise, mirrorAxes };
}

/**
 * Returns the shape of the patch to read so that rotation and scaling find data beyond the final
 * patch.
 *
 * The final patch's diagonal is rotated about one axis at a time by the largest angle, at most 90°.
 * Like nnU-Net, this rotates in one direction only and so treats the axes differently; it is kept
 * because it determines which data is read.
 *
 * @param patchSize Voxels per axis of the final patch, (z, y, x) or (y, x).
 * @param smallestScaling Smallest factor on the sampling grid that the patch must have data for.
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
  const rotated = (first: number, second: number) => [
    Math.abs(first * cos + second * sin),
    Math.abs(second * cos - first * sin),
  ];
  const extents = [...patchSize];
  const extend = (axis: number, extent: number) => extents[axis] = Math.max(extents[axis], extent);
  if (patchSize.length === 2) {
    rotated(patchSize[0], patchSize[1]).forEach((extent, axis) => extend(axis, extent));
  } else {
    const [z, y, x] = patchSize;
    const [y0, x0] = rotated(y, x), [x1, z1] = rotated(x, z), [z2, y2] = rotated(z, y);
    extend(0, Math.max(z1, z2));
    extend(1, Math.max(y0, y2));
    extend(2, Math.max(x0, x1));
  }
  const size = extents.map((extent) => Math.trunc(extent / smallestScaling));
  if (slicewise) size[0] = patchSize[0];
  return size;
}
