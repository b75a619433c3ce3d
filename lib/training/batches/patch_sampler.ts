/** Draws training patches from cases, as nnU-Net v2 does. */

import type { Shape, Zyx } from "../../array/nd_array.ts";
import { roundHalfToEven } from "../../array/rounding.ts";
import type { Box } from "../../array/box.ts";
import type { Sample } from "../../augmentation/transform.ts";
import { asVolumeShape } from "../../augmentation/volume_shape.ts";
import { isAnnotated } from "../../preprocessing/class_locations.ts";
import type { StoredCase } from "../../preprocessing/storage.ts";
import type { Generator } from "../../random/generator.ts";
import type { PatchSource } from "./patch_source.ts";

/** nnU-Net's share of samples that are centred on foreground. */
export const DEFAULT_OVERSAMPLING = 0.33;

/** A patch's shapes, (z, y, x) or (y, x). */
export interface PatchSizes {
  /** Shape of the patch that is read, which augmentation crops. */
  readonly initialPatchSize: Shape;
  /** Shape of the patch that the network receives. */
  readonly patchSize: Shape;
}

/** Which samples of a batch are centred on foreground. */
export interface Oversampling {
  /** Share of samples, 0 to 1; 0.33 by default. */
  readonly share?: number;
  /**
   * Whether each sample is chosen at random rather than by its position in the batch; false by
   * default. If `share` is omitted, the probability is the share that would be chosen by position.
   */
  readonly atRandom?: boolean;
}

/** How the patches of a batch are drawn. */
export interface SamplingOptions {
  /** Which samples of a batch are centred on foreground; the last third by default. */
  readonly oversampling?: Oversampling;
}

/**
 * Chooses the samples of a batch that are centred on foreground.
 *
 * @returns A function from a sample's position in the batch, from 0, to whether it is chosen.
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
 * Returns whether a sample is among the last ones of a batch, which are centred on foreground.
 *
 * @param index Position in the batch, from 0.
 * @param share Share of samples that are centred on foreground, 0 to 1.
 *
 * @example One sample of two, three of nine
 * ```ts
 * isCentredOnForeground(1, 2, 0.33); // true
 * isCentredOnForeground(5, 9, 0.33); // false
 * ```
 */
export function isCentredOnForeground(index: number, batchSize: number, share: number): boolean {
  return index >= roundHalfToEven(batchSize * (1 - share));
}

/**
 * Returns the lowest and highest origin of a patch per axis, in voxels.
 *
 * A patch may extend beyond the volume by half of what it is larger than the final patch, so that
 * final patches reach every border, or by half of what it is larger than the volume, if that is
 * more.
 *
 * @param shape Extents of the volume.
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
 * Draws the box of an enlarged patch in a case; it may extend beyond the volume.
 *
 * For a 2D patch, the box is one slice deep. A patch on foreground is centred on a stored voxel of
 * a random label or region, or placed anywhere if the case has none; its origin is clamped to the
 * lower bound but, as upstream, not to the upper one.
 *
 * @param generator Source of the random position.
 * @param shape Of the case's image, (c, z, y, x).
 * @param classLocations Foreground voxels by label or region, (z, y, x) each.
 * @param onForeground Whether to centre the patch on foreground.
 * @returns The box's origin and size in voxels, (z, y, x).
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/dataloading/data_loader.py, get_bbox
 *
 * @example A patch centred on the only voxel of label 1
 * ```ts
 * import assert from "node:assert/strict";
 * import { createGenerator, drawPatchBox } from "nnunet/parts";
 *
 * const classLocations = new Map([[1, Int32Array.of(4, 5, 6)]]);
 * const sizes = { initialPatchSize: [3, 3, 3], patchSize: [3, 3, 3] };
 * const shape = [1, 10, 10, 10];
 * const box = drawPatchBox(createGenerator(0), { shape, classLocations }, sizes, true);
 * assert.deepEqual(box, { origin: [3, 4, 5], size: [3, 3, 3] });
 * ```
 */
export function drawPatchBox(
  generator: Generator,
  { shape, classLocations }: Pick<StoredCase, "shape" | "classLocations">,
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
 * Draws a class and then one of its voxels (z, y, x), each with equal probability; undefined if
 * there is nothing to centre on.
 *
 * With an ignore label, patches that need no foreground are centred on an annotated voxel, and so
 * are patches on foreground if the case has none.
 */
function drawCentre(
  generator: Generator,
  classLocations: PatchSource["classLocations"],
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
 * Draws a patch of a case, before augmentation.
 *
 * @throws {TypeError} If the case has no segmentation.
 */
export function samplePatch(
  generator: Generator,
  trainingCase: PatchSource,
  sizes: PatchSizes,
  onForeground: boolean,
): Sample {
  if (!trainingCase.labelled) {
    throw new TypeError(`Cannot train on case "${trainingCase.name}": it has no segmentation`);
  }
  const box = drawPatchBox(generator, trainingCase, sizes, onForeground);
  return trainingCase.readPatch(box, sizes.initialPatchSize);
}
