/** Where training patches are taken from, as nnU-Net v2 takes them. */

import type { Shape, Zyx } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import type { Box } from "../array/box.ts";
import type { Sample } from "../augmentation/transform.ts";
import { asVolumeShape } from "../augmentation/volume_shape.ts";
import { isAnnotated } from "../preprocessing/class_locations.ts";
import type { Generator } from "../random/generator.ts";
import type { TrainingCase } from "./training_case.ts";

/** nnU-Net's share of samples that must contain foreground. */
export const DEFAULT_OVERSAMPLING = 0.33;

/** Shapes of a patch as read and as the network gets it, (z, y, x) or (y, x). */
export interface PatchSizes {
  readonly initialPatchSize: Shape;
  readonly patchSize: Shape;
}

/** Which samples of a batch are centred on foreground. */
export interface Oversampling {
  /** Share of them, 0 to 1; 0.33 by default. */
  readonly share?: number;
  /**
   * Whether chance decides for each sample, rather than its place in the batch; false by default.
   * Without a share, the chance is as many as there would be by place.
   */
  readonly atRandom?: boolean;
}

/** How the patches of a batch are drawn. */
export interface SamplingOptions {
  /** Which samples of a batch are centred on foreground; the last third by default. */
  readonly oversampling?: Oversampling;
}

/**
 * Chooses the samples of a batch to be centred on foreground.
 *
 * @returns Whether a sample is, by its position in the batch, from 0.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/dataloading/data_loader.py, and
 * training/nnUNetTrainer/variants/sampling/nnUNetTrainer_probabilisticOversampling.py
 */
export function foregroundChoice(
  generator: Generator,
  batchSize: number,
  { share, atRandom = false }: Oversampling,
): (index: number) => boolean {
  const isLast = (index: number) =>
    isCentredOnForeground(index, batchSize, share ?? DEFAULT_OVERSAMPLING);
  if (!atRandom) return isLast;
  const last = Array.from({ length: batchSize }, (_, index) => isLast(index)).filter(Boolean);
  const chance = share ?? last.length / batchSize;
  return () => generator.uniform() < chance;
}

/**
 * Whether a sample of a batch is centred on foreground: the last ones are.
 *
 * @param index Position in the batch, from 0.
 * @param share Share of samples to be centred on foreground, 0 to 1.
 *
 * @example One of two, three of nine
 * ```ts
 * isCentredOnForeground(1, 2, 0.33); // true
 * isCentredOnForeground(5, 9, 0.33); // false
 * ```
 */
export function isCentredOnForeground(index: number, batchSize: number, share: number): boolean {
  return index >= roundHalfToEven(batchSize * (1 - share));
}

/**
 * First and last voxel a patch may begin at, per axis.
 *
 * A patch may reach past the volume as far as it is larger than the final one, so that final
 * patches reach every border; where the volume is smaller than that, by what is missing.
 */
export function originBounds(
  shape: Shape,
  initialPatchSize: Shape,
  patchSize: Shape,
): { readonly lower: number[]; readonly upper: number[] } {
  const margins = shape.map((extent, axis) =>
    Math.max(initialPatchSize[axis] - patchSize[axis], initialPatchSize[axis] - extent)
  );
  return {
    lower: margins.map((margin) => 0 - Math.ceil(margin / 2)),
    upper: margins.map((margin, axis) =>
      shape[axis] + Math.ceil(margin / 2) - initialPatchSize[axis]
    ),
  };
}

/**
 * Draws the box of an enlarged patch within a case; it may reach past the volume.
 *
 * A 2D patch is a box one slice deep. A patch on foreground is centred on a stored voxel of a
 * random label or region, or placed anywhere if the case has none; it is moved to obey the lower
 * bound but, as upstream, not the upper.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/dataloading/data_loader.py, get_bbox
 */
export function drawPatchBox(
  generator: Generator,
  { shape, classLocations }: Pick<TrainingCase, "shape" | "classLocations">,
  { initialPatchSize, patchSize }: PatchSizes,
  onForeground: boolean,
): Box {
  const size = asVolumeShape(initialPatchSize);
  const { lower, upper } = originBounds(shape.slice(1), size, asVolumeShape(patchSize));
  const centre = drawCentre(generator, classLocations, onForeground);
  const originOf = (axis: 0 | 1 | 2) =>
    centre === undefined
      ? generator.integer(lower[axis], upper[axis] + 1)
      : Math.max(lower[axis], centre[axis] - Math.floor(size[axis] / 2));
  return { origin: [originOf(0), originOf(1), originOf(2)], size };
}

/**
 * A voxel (z, y, x) of a random class, classes and then voxels equally likely; none if there is
 * nothing to centre on.
 *
 * With an ignore label even patches that need no foreground are centred on a voxel that somebody
 * labelled, and foreground is looked for among those only where there is no other.
 */
function drawCentre(
  generator: Generator,
  classLocations: TrainingCase["classLocations"],
  onForeground: boolean,
): Zyx | undefined {
  const classes = [...classLocations].filter(([, positions]) => positions.length > 0);
  const foreground = classes.filter(([key]) => !isAnnotated(key));
  const annotated = classes.filter(([key]) => isAnnotated(key));
  const present = (onForeground && foreground.length > 0 ? foreground : annotated)
    .map(([, positions]) => positions);
  if (present.length === 0) return undefined;
  const positions = present[generator.integer(0, present.length)];
  const first = 3 * generator.integer(0, positions.length / 3);
  return [positions[first], positions[first + 1], positions[first + 2]];
}

/**
 * Draws a patch of a case: one sample, not yet augmented.
 *
 * @throws {TypeError} If the case has no segmentation.
 */
export function samplePatch(
  generator: Generator,
  trainingCase: TrainingCase,
  sizes: PatchSizes,
  onForeground: boolean,
): Sample {
  if (!trainingCase.labelled) {
    throw new TypeError(`Cannot train on case "${trainingCase.name}": it has no segmentation`);
  }
  const box = drawPatchBox(generator, trainingCase, sizes, onForeground);
  return trainingCase.readPatch(box, sizes.initialPatchSize);
}
