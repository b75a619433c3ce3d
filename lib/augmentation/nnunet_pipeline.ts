/** nnU-Net v2's augmentation pipelines, with their probabilities and ranges. */

import type { Shape } from "../array/nd_array.ts";
import { initialPatchSize, planAugmentation } from "./augmentation_plan.ts";
import { binaryOperators } from "./binary_operators.ts";
import { brightness } from "./brightness.ts";
import { componentRemoval } from "./component_removal.ts";
import { contrast } from "./contrast.ts";
import type { PlacedTransform, TransformChoice } from "./custom_transform.ts";
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

/** Transforms in order, and the shapes before and after them. */
export interface Pipeline {
  /** Spatial shape of input samples. */
  readonly initialPatchSize: Shape;
  /** Spatial shape of the result. */
  readonly patchSize: Shape;
  /** Transforms in the order in which they apply. */
  readonly transforms: readonly Transform[];
}

/** Probability of applying each of nnU-Net's transforms to a sample. */
export const nnunetProbabilities = {
  /** Probability of rotation and, independently, of scaling. */
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
  /** Standard deviation of blur, in voxels. */
  blur: [0.5, 1],
  /** Factor of brightness and contrast. */
  factor: [0.75, 1.25],
  /** Fraction of voxels that low resolution keeps along an axis. */
  scale: [0.5, 1],
  /** Exponent of gamma. */
  exponent: [0.7, 1.5],
} as const;

/** Probability that a channel is blurred or downsampled if its sample is. */
const CHANNEL_PROBABILITY = 0.5;

/** Augmentation settings in which nnU-Net's trainers differ. */
export interface AugmentationVariant {
  /**
   * nnU-Net's default transforms, the more numerous and stronger ones of its "DA5" trainers, or none
   * but the preparation of validation patches; "default" by default.
   */
  readonly scheme?: "default" | "DA5" | "none";
  /** Whether volumes are rotated within their slices only; decided by the patch's shape by default. */
  readonly slicewise?: boolean;
  /** What is interpolated by the nearest voxel when a patch is rotated; nothing by default. */
  readonly nearest?: Nearest;
  /**
   * For a cascade, the probability of corrupting each of the previous stage's labels in a sample
   * with simulated errors; 0.5 by default.
   */
  readonly previousStageErrors?: number;
}

/** Augmentation settings that apply to any of nnU-Net's trainers. */
export interface AugmentationOptions {
  /**
   * Axes of the patch to mirror, in training and in prediction; all by default, none with `[]`.
   * Omit axes along which mirrored anatomy would be wrong.
   */
  readonly mirrorAxes?: readonly number[];
  /** Whether to deform patches elastically as nnU-Net v1 could, which is slow; false by default. */
  readonly elasticDeformation?: boolean;
}

/** Settings that may differ from nnU-Net's choice for the patch. */
export interface TrainingAugmentation extends AugmentationVariant, AugmentationOptions {
  /** Largest angle in radians. */
  readonly maxRotation?: number;
  /** Whether each channel was normalised within the nonzero mask; none by default. */
  readonly useMaskForNorm?: readonly boolean[];
  /** For a cascade, the previous stage's foreground labels, each of which becomes a channel. */
  readonly previousStageLabels?: readonly number[];
}

/**
 * Builds the augmentation pipeline for training patches.
 *
 * @param patchSize Voxels per axis, (z, y, x) or (y, x).
 * @param options Settings that differ from nnU-Net's; none by default.
 * @param custom Other transforms, added to nnU-Net's or replacing them; none by default.
 * @returns The transforms in order, and the shape of the samples that they take.
 * @throws {RangeError} If one of them refers to an unknown transform.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py,
 * get_training_transforms
 *
 * @example Mirroring from left to right only
 * ```ts
 * import assert from "node:assert/strict";
 * import { nnunetTraining } from "nnunet/parts";
 *
 * const { transforms, initialPatchSize } = nnunetTraining([64, 64], { mirrorAxes: [1] });
 * assert.equal(transforms[0].name, "spatial");
 * assert.ok(initialPatchSize[0] > 64); // Room to rotate.
 * ```
 *
 * @example A transform added to nnU-Net's, or instead of all but mirroring
 * ```ts
 * import assert from "node:assert/strict";
 * import { brightness, nnunetTraining } from "nnunet/parts";
 *
 * const transform = { ...brightness({ factor: [0.5, 2] }), name: "strongBrightness" };
 * const added = nnunetTraining([64, 64], {}, [{ transform, after: "spatial" }]);
 * assert.equal(added.transforms[1].name, "strongBrightness");
 * const replaced = nnunetTraining([64, 64], {}, { pipeline: ["mirroring", { transform }] });
 * assert.equal(replaced.transforms[1].name, "strongBrightness");
 * ```
 */
export function nnunetTraining(
  patchSize: Shape,
  options: TrainingAugmentation = {},
  custom: TransformChoice<PlacedTransform> = [],
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
  const rotation = {
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
      ...rotation,
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
  const isBare = options.scheme === "none";
  const standard: readonly (TransformName | { readonly transform: Transform })[] = isBare
    ? []
    : isDA5
    ? da5Transforms(rotation, mirrorAxes).map((transform) => ({ transform }))
    : transformNames;
  const chosen = "pipeline" in custom ? custom.pipeline : standard;
  const transforms = chosen.flatMap((entry) => {
    if (typeof entry !== "string") return entry.transform;
    if (nnunet[entry]) return nnunet[entry];
    throw new RangeError(
      `Cannot use transform "${entry}": expected one of ${transformNames.join(", ")}`,
    );
  });
  const complete = [
    ...transforms,
    ...isBare ? [] : [maskOutside({ channels: useMaskForNorm })],
    ...lastSteps(previousStageLabels),
    ...previousStageLabels && !isBare
      ? previousStageErrors(previousStageLabels.length, options.previousStageErrors)
      : [],
  ];
  return {
    // Only the spatial transform cuts the final patch out of a larger one.
    initialPatchSize: chosen === standard && !isBare || chosen.includes("spatial")
      ? initialPatchSize(
        patchSize,
        { ...plan, maxRotation },
        isDA5 ? DA5_SMALLEST_SCALING : undefined,
      )
      : patchSize,
    patchSize,
    transforms: "pipeline" in custom ? complete : insert(complete, custom),
  };
}

/** Inserts custom transforms; several for the same position keep their order. */
function insert(
  transforms: readonly Transform[],
  custom: readonly PlacedTransform[],
): Transform[] {
  const names = transforms.map(({ name }) => name);
  const end = names.includes("maskOutside") ? "maskOutside" : "outsideToBackground";
  for (const { transform, before, after } of custom) {
    const neighbour = before ?? after;
    if (neighbour === undefined || names.includes(neighbour)) continue;
    throw new RangeError(
      `Cannot insert transform "${transform.name}" before or after "${neighbour}": ` +
        `expected one of ${names.join(", ")}`,
    );
  }
  return transforms.flatMap((one) => [
    ...custom.filter(({ before, after }) =>
      (before ?? (after === undefined ? end : undefined)) === one.name
    ),
    { transform: one },
    ...custom.filter(({ after }) => after === one.name),
  ]).map(({ transform }) => transform);
}

/** Builds the pipeline for validation patches, which are not augmented. */
export function nnunetValidation(
  patchSize: Shape,
  { previousStageLabels }: Pick<TrainingAugmentation, "previousStageLabels"> = {},
): Pipeline {
  return { initialPatchSize: patchSize, patchSize, transforms: lastSteps(previousStageLabels) };
}

/** Returns the steps that prepare a sample for the network. */
function lastSteps(previousStageLabels: readonly number[] | undefined): Transform[] {
  const labels = previousStageLabels;
  return [outsideToBackground(), ...labels ? [previousStageToChannels({ labels })] : []];
}

/** Simulates the previous stage's errors, which it does not make on its own training cases. */
function previousStageErrors(labels: number, labelProbability = 0.5): Transform[] {
  return [
    withProbability(0.4, binaryOperators({ labels, labelProbability, radius: [1, 8] })),
    withProbability(0.2, componentRemoval({ labels, labelProbability, maxShare: 0.15 })),
  ];
}

/** A pipeline's purpose and settings, as plain data that can be sent to a worker. */
export type PipelineChoice =
  | { readonly purpose: "training" } & TrainingAugmentation
  | { readonly purpose: "validation" } & Pick<TrainingAugmentation, "previousStageLabels">;

/** Builds nnU-Net's pipeline for training, with user-defined transforms, or for validation. */
export function createPipeline(
  patchSize: Shape,
  choice: PipelineChoice,
  custom?: TransformChoice<PlacedTransform>,
): Pipeline {
  return choice.purpose === "training"
    ? nnunetTraining(patchSize, choice, custom)
    : nnunetValidation(patchSize, choice);
}
