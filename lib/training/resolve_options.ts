/** Completes a user's training options with the trainer's and nnU-Net's defaults. */

import type { Shape } from "../array/nd_array.ts";
import { planAugmentation } from "../augmentation/augmentation_plan.ts";
import { withoutUndefined } from "../files/without_undefined.ts";
import { networkOf } from "../network/network_of.ts";
import { diceAndCrossEntropy } from "./step/losses.ts";
import { requireTrainable } from "./option_checks.ts";
import { polynomial } from "./schedule.ts";
import { DEFAULT_TRAINER, trainerVariant } from "./trainer_variants.ts";
import type { TrainerOptions } from "./training_options.ts";

/** nnU-Net's defaults, except those that depend on the plans. */
export const trainerDefaults = {
  trainer: DEFAULT_TRAINER,
  fold: 0,
  epochs: 1000,
  iterations: 250,
  validationIterations: 50,
  seed: 0,
  schedule: polynomial(),
  network: ({ architecture }, given) => networkOf(architecture, given),
  loss: diceAndCrossEntropy,
  deepSupervision: true,
  loaders: 1,
  checkpoints: true,
  benchmark: false,
  randomBatch: false,
  device: "auto",
  precision: "auto",
} as const satisfies TrainerOptions;

type Chosen = keyof typeof trainerDefaults | "mirrorAxes";

/** Training options with a value wherever a default exists. */
export type ResolvedOptions =
  & Omit<TrainerOptions, "learningRate" | Chosen>
  & Required<Pick<TrainerOptions, Chosen>>;

/**
 * Resolves the options of a training: the user's take precedence over the named trainer's, and
 * those over nnU-Net's.
 *
 * @param options An option that is undefined counts as omitted.
 * @param patchSize (z, y, x) or (y, x).
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If an option is invalid or the trainer is unknown.
 */
export function resolveOptions(options: TrainerOptions, patchSize: Shape): ResolvedOptions {
  requireTrainable(options, patchSize.length);
  const { learningRate, ...given } = withoutUndefined(options);
  const { trainer = trainerDefaults.trainer } = given;
  const resolved = {
    ...trainerDefaults,
    mirrorAxes: planAugmentation(patchSize).mirrorAxes,
    ...trainerVariant(trainer, patchSize.length),
    ...learningRate !== undefined && { schedule: polynomial(learningRate) },
    ...given,
  };
  if (resolved.benchmark && resolved.fold !== 0) {
    throw new RangeError(
      `Cannot measure the speed of training: fold is ${resolved.fold}, expected 0, so that results ` +
        "can be compared",
    );
  }
  return resolved;
}
