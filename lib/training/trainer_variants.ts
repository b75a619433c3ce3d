/**
 * Maps the names of upstream's trainer classes to options.
 *
 * Python's nnU-Net finds the class to resume with by this name, and each name has its own results
 * folder.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/variants
 */

import type { AugmentationVariant } from "../augmentation/nnunet_pipeline.ts";
import { networkOf } from "../network/network_of.ts";
import { trainerArchitectures } from "../network/trainer_architectures.ts";
import {
  crossEntropyLoss,
  diceAndCrossEntropy,
  diceAndTopK,
  diceLoss,
  topKLoss,
} from "./step/losses.ts";
import { primusTrainers } from "./primus_trainers.ts";
import { cosine, polynomial, warmedUp } from "./schedule.ts";
import type { TrainerOptions } from "./training_options.ts";

/** Upstream's default trainer. */
export const DEFAULT_TRAINER = "nnUNetTrainer";

/** These classes also corrupt every label of the previous stage. */
const da5: AugmentationVariant = { scheme: "DA5", previousStageErrors: 1 };

/**
 * Labels are resampled by nearest neighbour; these classes also corrupt every previous-stage label.
 */
const nearestLabels: AugmentationVariant = { nearest: "labels", previousStageErrors: 1 };

/** These classes measure; they write no checkpoints and predict nothing. */
const benchmark: TrainerOptions = { benchmark: true, epochs: 5, checkpoints: false };

/** Returns options by class name, for patches with a number of axes. */
function variantsFor(axes: number): Readonly<Record<string, TrainerOptions>> {
  // In 3D, the class does not mirror the last axis; in 2D, it mirrors only the first one.
  const mirrorAxes = Array.from({ length: axes - 1 }, (_, axis) => axis);
  return {
    [DEFAULT_TRAINER]: {},
    ...byEpochs([1, 5, 10, 20, 50, 100, 250, 500, 750, 2000, 4000, 8000], "", {}),
    ...byEpochs([250, 2000, 4000, 8000], "_NoMirroring", { mirrorAxes: [] }),
    nnUNetTrainerNoMirroring: { mirrorAxes: [] },
    nnUNetTrainer_onlyMirror01: { mirrorAxes },
    nnUNetTrainer_onlyMirror01_1500ep: { mirrorAxes, epochs: 1500 },
    nnUNetTrainer_onlyMirror01_DASegOrd0: { mirrorAxes, augmentation: nearestLabels },
    nnUNetTrainer_DASegOrd0: { augmentation: nearestLabels },
    nnUNetTrainer_DASegOrd0_NoMirroring: { augmentation: nearestLabels, mirrorAxes: [] },
    nnUNetTrainerDA5: { augmentation: da5 },
    nnUNetTrainerDA5_10epochs: { augmentation: da5, epochs: 10 },
    nnUNetTrainerDA5ord0: { augmentation: { ...da5, nearest: "all" } },
    nnUNetTrainerDA5Segord0: { augmentation: { ...da5, nearest: "labels" } },
    nnUNetTrainer_onlyMirror01_DA5: { augmentation: da5, mirrorAxes },
    nnUNetTrainer_noDummy2DDA: { augmentation: { slicewise: false } },
    nnUNetTrainer_probabilisticOversampling: { oversampling: { atRandom: true } },
    nnUNetTrainer_probabilisticOversampling_033: { oversampling: { atRandom: true, share: 0.33 } },
    nnUNetTrainer_probabilisticOversampling_010: { oversampling: { atRandom: true, share: 0.1 } },
    nnUNetTrainerNoDA: { augmentation: { scheme: "none" }, mirrorAxes: [] },
    nnUNetTrainerNoDeepSupervision: { deepSupervision: false },
    nnUNetTrainerDiceLoss: { loss: diceLoss },
    nnUNetTrainerDiceCELoss_noSmooth: {
      loss: (heads, options) => diceAndCrossEntropy(heads, { ...options, smooth: 0 }),
    },
    nnUNetTrainerCELoss: { loss: crossEntropyLoss },
    nnUNetTrainerCELoss_5epochs: { loss: crossEntropyLoss, epochs: 5 },
    nnUNetTrainerTopk10Loss: { loss: (heads) => topKLoss(heads) },
    nnUNetTrainerTopk10LossLS01: { loss: (heads) => topKLoss(heads, { labelSmoothing: 0.1 }) },
    nnUNetTrainerDiceTopK10Loss: { loss: diceAndTopK },
    ...byRate("nnUNetTrainerAdam", { adam: { decoupled: true, amsgrad: true } }),
    ...byRate("nnUNetTrainerVanillaAdam", { adam: {} }),
    ...byRate("nnUNetTrainerAdan", { adan: {} }),
    nnUNetTrainerAdan1en1: { adan: {}, schedule: polynomial(1e-1) },
    nnUNetTrainerAdanCosAnneal: { adan: {}, schedule: cosine() },
    ...byNetwork(),
    nnUNet_Trainer_BS8: {},
    nnUNetTrainerBenchmark_5epochs: benchmark,
    nnUNetTrainerBenchmark_5epochs_noDataLoading: { ...benchmark, randomBatch: true },
    nnUNetTrainerCosAnneal: { schedule: cosine() },
    nnUNetTrainer_warmup: { schedule: warmedUp() },
  };
}

/** Classes that differ in their number of epochs. */
function byEpochs(
  counts: readonly number[],
  suffix: string,
  options: TrainerOptions,
): Record<string, TrainerOptions> {
  return Object.fromEntries(counts.map((epochs): [string, TrainerOptions] => [
    `${DEFAULT_TRAINER}_${epochs}epoch${epochs === 1 ? "" : "s"}${suffix}`,
    { ...options, epochs },
  ]));
}

/** Classes that build another network than the plans'. */
function byNetwork(): Record<string, TrainerOptions> {
  return Object.fromEntries(
    Object.entries(trainerArchitectures).map(([name, change]): [string, TrainerOptions] => [
      name,
      {
        ...primusTrainers[name],
        network: ({ architecture }, given) => networkOf(change(architecture), given),
      },
    ]),
  );
}

/** Classes that differ in their initial learning rate. */
function byRate(name: string, options: TrainerOptions): Record<string, TrainerOptions> {
  return {
    [name]: options,
    [`${name}1en3`]: { ...options, schedule: polynomial(1e-3) },
    [`${name}3en4`]: { ...options, schedule: polynomial(3e-4) },
  };
}

/** Names that {@link trainerVariant} knows. */
export const trainerNames: readonly string[] = Object.keys(variantsFor(3));

/**
 * Returns the options in which one of upstream's trainers differs from the default one.
 *
 * @param name Name of upstream's class.
 * @param axes Number of the patch's axes, 2 or 3.
 * @throws {RangeError} If the trainer is unknown.
 */
export function trainerVariant(name: string, axes: number): TrainerOptions {
  const variants = variantsFor(axes);
  if (Object.hasOwn(variants, name)) return variants[name];
  throw new RangeError(
    `Cannot train with trainer "${name}": expected one of ${trainerNames.join(", ")}`,
  );
}
