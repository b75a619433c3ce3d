/** nnU-Net v2's augmentations, with their probabilities and ranges. */

import type { Shape } from "../array/nd_array.ts";
import { initialPatchSize, planAugmentation } from "./augmentation_plan.ts";
import { binaryOperators } from "./binary_operators.ts";
import { brightness } from "./brightness.ts";
import { componentRemoval } from "./component_removal.ts";
import { contrast } from "./contrast.ts";
import type { CompiledChoice, CompiledTransform } from "./custom_transform.ts";
import { DA5_SMALLEST_SCALING, da5Transforms } from "./da5_transforms.ts";
import { elasticDefaults } from "./elastic_field.ts";
import { gamma } from "./gamma.ts";
import { gaussianBlur } from "./gaussian_blur.ts";
import { gaussianNoise } from "./gaussian_noise.ts";
import { lowResolution } from "./low_resolution.ts";
import { maskOutside, outsideToBackground } from "./mask_outside.ts";
import { mirroring } from "./mirroring.ts";
import { previousStageToChannels } from "./previous_stage.ts";
import { type Nearest, spatial } from "./spatial.ts";
import { type Transform, withProbability } from "./transform.ts";
import { type TransformName, transformNames } from "./transform_names.ts";

/** Transforms in order, and the patch they start from. */
export interface Pipeline {
  /** Spatial shape of the samples to give it. */
  readonly initialPatchSize: Shape;
  /** Spatial shape of what comes out. */
  readonly patchSize: Shape;
  readonly transforms: readonly Transform[];
}

/** Share of the samples that each of nnU-Net's transforms is applied to. */
export const nnunetProbabilities = {
  /** Of rotation and, apart from it, of scaling. */
  spatial: 0.2,
  gaussianNoise: 0.1,
  gaussianBlur: 0.2,
  brightness: 0.15,
  contrast: 0.15,
  lowResolution: 0.25,
  gammaInverted: 0.1,
  gamma: 0.3,
} as const;

/** Ranges that nnU-Net draws from. */
export const nnunetRanges = {
  scaling: [0.7, 1.4],
  /** Standard deviation of noise. */
  sigma: [0, 0.1],
  /** Standard deviation of smoothing, in voxels. */
  blur: [0.5, 1],
  /** Of brightness and contrast. */
  factor: [0.75, 1.25],
  /** Share of voxels that low resolution keeps along an axis. */
  scale: [0.5, 1],
  /** Of gamma. */
  exponent: [0.7, 1.5],
} as const;

/** Probability that a channel is smoothed, or reduced, if its sample is. */
const CHANNEL_PROBABILITY = 0.5;

/** What some of nnU-Net's trainers do differently. */
export interface AugmentationVariant {
  /**
   * nnU-Net's default transforms, or those of its "DA5" trainers, which are more and stronger;
   * "default" if left out.
   */
  readonly scheme?: "default" | "DA5";
  /** Whether volumes are rotated within their slices only; decided by the patch's shape by default. */
  readonly slicewise?: boolean;
  /** What is interpolated by the nearest voxel when a patch is rotated; nothing by default. */
  readonly nearest?: Nearest;
  /**
   * For a cascade, the probability of each of the previous stage's labels to be corrupted in a
   * sample that has errors added; 0.5 by default.
   */
  readonly previousStageErrors?: number;
}

/** What a user may choose with any of nnU-Net's trainers. */
export interface AugmentationOptions {
  /**
   * Axes of the patch to mirror, in training and in prediction; all by default, none with `[]`.
   * Leave out axes along which mirrored anatomy would be wrong.
   */
  readonly mirrorAxes?: readonly number[];
  /** Whether to deform patches elastically as nnU-Net v1 could, which is slow; false by default. */
  readonly elasticDeformation?: boolean;
}

/** What may differ from nnU-Net's choice for the patch. */
export interface TrainingAugmentation extends AugmentationVariant, AugmentationOptions {
  /** Largest angle in radians. */
  readonly maxRotation?: number;
  /** Whether each channel was normalised within the nonzero mask; none if left out. */
  readonly useMaskForNorm?: readonly boolean[];
  /** For a cascade, the foreground labels of the previous stage, which get a channel each. */
  readonly previousStageLabels?: readonly number[];
}

/**
 * Augmentation of training patches, (z, y, x) or (y, x).
 *
 * @param custom Transforms of one's own, among nnU-Net's or in their place.
 * @throws {RangeError} If one of them is to stand beside a transform that there is not.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py,
 * get_training_transforms
 */
export function nnunetTraining(
  patchSize: Shape,
  options: TrainingAugmentation = {},
  custom: CompiledChoice = [],
): Pipeline {
  const plan = planAugmentation(patchSize, options.slicewise);
  const { maxRotation = plan.maxRotation, mirrorAxes = plan.mirrorAxes } = options;
  const { useMaskForNorm = [], previousStageLabels } = options;
  const { scaling, sigma, blur, factor, scale, exponent } = nnunetRanges;
  const channelProbability = CHANNEL_PROBABILITY;
  const sometimes = <T>(transform: Transform<T>) =>
    withProbability(
      nnunetProbabilities[transform.name as keyof typeof nnunetProbabilities],
      transform,
    );
  const turning = {
    patchSize,
    slicewise: plan.slicewise,
    maxRotation,
    nearest: options.nearest,
    elastic: options.elasticDeformation
      ? elasticDefaults(plan.slicewise ? 2 : patchSize.length)
      : undefined,
  };
  const nnunet: Readonly<Record<TransformName, Transform>> = {
    spatial: spatial({
      ...turning,
      rotationProbability: nnunetProbabilities.spatial,
      scalingProbability: nnunetProbabilities.spatial,
      scaling,
    }),
    gaussianNoise: sometimes(gaussianNoise({ sigma })),
    gaussianBlur: sometimes(gaussianBlur({ sigma: blur, channelProbability })),
    brightness: sometimes(brightness({ factor })),
    contrast: sometimes(contrast({ factor })),
    lowResolution: sometimes(
      lowResolution({ scale, channelProbability, withinSlices: plan.slicewise }),
    ),
    gammaInverted: sometimes(gamma({ exponent, inverted: true })),
    gamma: sometimes(gamma({ exponent, inverted: false })),
    mirroring: mirroring({ axes: mirrorAxes }),
  };
  const isDA5 = options.scheme === "DA5";
  const standard: readonly (TransformName | { readonly transform: Transform })[] = isDA5
    ? da5Transforms(turning, mirrorAxes).map((transform) => ({ transform }))
    : transformNames;
  const chosen = "pipeline" in custom ? custom.pipeline : standard;
  const transforms = chosen.flatMap((entry) => {
    if (typeof entry !== "string") return entry.transform;
    if (nnunet[entry]) return nnunet[entry];
    throw new RangeError(
      `Cannot use transform "${entry}": expected one of ${transformNames.join(", ")}`,
    );
  });
  const withLast = [
    ...transforms,
    maskOutside({ channels: useMaskForNorm }),
    ...lastSteps(previousStageLabels),
    ...previousStageLabels
      ? previousStageErrors(previousStageLabels.length, options.previousStageErrors)
      : [],
  ];
  return {
    // Only the spatial transform cuts the final patch out of a larger one.
    initialPatchSize: chosen === standard || chosen.includes("spatial")
      ? initialPatchSize(
        patchSize,
        { ...plan, maxRotation },
        isDA5 ? DA5_SMALLEST_SCALING : undefined,
      )
      : patchSize,
    patchSize,
    transforms: "pipeline" in custom ? withLast : insert(withLast, custom),
  };
}

/** Puts transforms where they are wanted: those for the same place in their order. */
function insert(
  transforms: readonly Transform[],
  custom: readonly CompiledTransform[],
): Transform[] {
  const names = transforms.map(({ name }) => name);
  for (const { transform, before, after } of custom) {
    const beside = before ?? after;
    if (beside === undefined || names.includes(beside)) continue;
    throw new RangeError(
      `Cannot put transform "${transform.name}" beside "${beside}": ` +
        `expected one of ${names.join(", ")}`,
    );
  }
  return transforms.flatMap((one) => [
    ...custom.filter(({ before, after }) =>
      (before ?? (after === undefined ? "maskOutside" : undefined)) === one.name
    ),
    { transform: one },
    ...custom.filter(({ after }) => after === one.name),
  ]).map(({ transform }) => transform);
}

/** Validation patches are used as they are. */
export function nnunetValidation(
  patchSize: Shape,
  { previousStageLabels }: Pick<TrainingAugmentation, "previousStageLabels"> = {},
): Pipeline {
  return { initialPatchSize: patchSize, patchSize, transforms: lastSteps(previousStageLabels) };
}

/** What makes a sample one for the network. */
function lastSteps(previousStageLabels: readonly number[] | undefined): Transform[] {
  const labels = previousStageLabels;
  return [outsideToBackground(), ...labels ? [previousStageToChannels({ labels })] : []];
}

/** Errors such as the stage before makes, but does not make on the cases it was trained on. */
function previousStageErrors(labels: number, labelProbability = 0.5): Transform[] {
  return [
    withProbability(0.4, binaryOperators({ labels, labelProbability, radius: [1, 8] })),
    withProbability(0.2, componentRemoval({ labels, labelProbability, maxShare: 0.15 })),
  ];
}

/** A pipeline by what it is for; plain data, so that a worker can get it. */
export type PipelineChoice =
  | { readonly purpose: "training" } & TrainingAugmentation
  | { readonly purpose: "validation" } & Pick<TrainingAugmentation, "previousStageLabels">;

/** nnU-Net's pipeline for training, with transforms of one's own, or for validation. */
export function createPipeline(
  patchSize: Shape,
  choice: PipelineChoice,
  custom?: CompiledChoice,
): Pipeline {
  return choice.purpose === "training"
    ? nnunetTraining(patchSize, choice, custom)
    : nnunetValidation(patchSize, choice);
}
