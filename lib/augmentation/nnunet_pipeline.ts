/** nnU-Net v2's augmentations, with their probabilities and ranges. */

import type { Shape } from "../array/nd_array.ts";
import { initialPatchSize, planAugmentation } from "./augmentation_plan.ts";
import { gamma } from "./gamma.ts";
import { gaussianNoise } from "./gaussian_noise.ts";
import { maskOutside, outsideToBackground } from "./mask_outside.ts";
import { mirroring } from "./mirroring.ts";
import { previousStageToChannels } from "./previous_stage.ts";
import { spatial } from "./spatial.ts";
import { type Transform, withProbability } from "./transform.ts";

/** Transforms in order, and the patch they start from. */
export interface Pipeline {
  /** Spatial shape of the samples to give it. */
  readonly initialPatchSize: Shape;
  /** Spatial shape of what comes out. */
  readonly patchSize: Shape;
  readonly transforms: readonly Transform[];
}

/** What may differ from nnU-Net's choice for the patch. */
export interface TrainingAugmentation {
  /** Largest angle in radians. */
  readonly maxRotation?: number;
  /** Axes to mirror; none with `[]`. */
  readonly mirrorAxes?: readonly number[];
  /** Whether each channel was normalised within the nonzero mask; none if left out. */
  readonly useMaskForNorm?: readonly boolean[];
  /** In a cascade: foreground labels of the stage before, a channel each. */
  readonly previousStageLabels?: readonly number[];
}

/**
 * Augmentation of training patches, (z, y, x) or (y, x).
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py,
 * get_training_transforms
 */
export function nnunetTraining(patchSize: Shape, options: TrainingAugmentation = {}): Pipeline {
  const plan = planAugmentation(patchSize);
  const { maxRotation = plan.maxRotation, mirrorAxes = plan.mirrorAxes } = options;
  const { useMaskForNorm = [], previousStageLabels } = options;
  return {
    initialPatchSize: initialPatchSize(patchSize, { ...plan, maxRotation }),
    patchSize,
    transforms: [
      spatial({
        patchSize,
        slicewise: plan.slicewise,
        rotationProbability: 0.2,
        maxRotation,
        scalingProbability: 0.2,
        scaling: [0.7, 1.4],
      }),
      withProbability(0.1, gaussianNoise({ sigma: [0, 0.1] })),
      withProbability(0.1, gamma({ exponent: [0.7, 1.5], inverted: true })),
      withProbability(0.3, gamma({ exponent: [0.7, 1.5], inverted: false })),
      mirroring({ axes: mirrorAxes }),
      maskOutside({ channels: useMaskForNorm }),
      outsideToBackground(),
      ...previousStageLabels ? [previousStageToChannels({ labels: previousStageLabels })] : [],
    ],
  };
}

/** Validation patches are used as they are. */
export function nnunetValidation(
  patchSize: Shape,
  { previousStageLabels }: Pick<TrainingAugmentation, "previousStageLabels"> = {},
): Pipeline {
  return {
    initialPatchSize: patchSize,
    patchSize,
    transforms: [
      outsideToBackground(),
      ...previousStageLabels ? [previousStageToChannels({ labels: previousStageLabels })] : [],
    ],
  };
}

/** A pipeline by what it is for; plain data, so that a worker can get it. */
export type PipelineChoice =
  | { readonly purpose: "training" } & TrainingAugmentation
  | { readonly purpose: "validation" } & Pick<TrainingAugmentation, "previousStageLabels">;

/** nnU-Net's pipeline for training or validation. */
export function createPipeline(patchSize: Shape, choice: PipelineChoice): Pipeline {
  return choice.purpose === "training"
    ? nnunetTraining(patchSize, choice)
    : nnunetValidation(patchSize, choice);
}
