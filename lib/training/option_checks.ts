/** Checks the options of a training. */

import { requireKnownTransformOptions } from "../augmentation/custom_transform.ts";
import type { AugmentationVariant } from "../augmentation/nnunet_pipeline.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { deviceChoices } from "../runtime/device.ts";
import type { AdamOptions } from "./step/adam.ts";
import type { AdanOptions } from "./step/adan.ts";
import type { Oversampling } from "./batches/patch_sampler.ts";
import type { SgdOptions } from "./step/sgd.ts";
import type { TrainerOptions } from "./training_options.ts";

/** A condition on values, and its description for messages. */
interface Rule {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

const wholeFrom = (lowest: number): Rule => ({
  expected: `an integer of at least ${lowest}`,
  holds: (value) => Number.isInteger(value) && (value as number) >= lowest,
});

const aboveZero: Rule = {
  expected: "a number above 0",
  holds: (value) => isNumber(value) && value > 0,
};

const share: Rule = {
  expected: "a number from 0 to 1",
  holds: (value) => isNumber(value) && value >= 0 && value <= 1,
};

/** @param axes Number of the patch's axes. */
const axesOf = (axes: number): Rule => ({
  expected: `axes of the patch, from 0 to ${axes - 1}, each at most once`,
  holds: (value) =>
    Array.isArray(value) && new Set(value).size === value.length &&
    value.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < axes),
});

const fromZero: Rule = {
  expected: "a number of at least 0",
  holds: (value) => isNumber(value) && value >= 0,
};

/** Without a bound, nothing is clipped. */
const bound: Rule = {
  expected: "a number above 0, or Infinity",
  holds: (value) => typeof value === "number" && value > 0,
};

const isDecay = (value: unknown) => isNumber(value) && value >= 0 && value < 1;

const decay: Rule = { expected: "a number from 0 to below 1", holds: isDecay };

/** @param count Number of decay rates. */
const decays = (count: number): Rule => ({
  expected: `${count} numbers from 0 to below 1`,
  holds: (value) => Array.isArray(value) && value.length === count && value.every(isDecay),
});

const fold: Rule = {
  expected: '0, 1, 2, … or "all"',
  holds: (value) => value === "all" || Number.isInteger(value) && (value as number) >= 0,
};

const callable: Rule = { expected: "a function", holds: (value) => typeof value === "function" };

const oneOf = (...values: readonly string[]): Rule => ({
  expected: values.map((value) => `"${value}"`).join(" or "),
  holds: (value) => values.includes(value as string),
});

/** Every option of a training. */
const trainerOptions: KnownOptions<TrainerOptions> = {
  trainer: true,
  fold: true,
  epochs: true,
  iterations: true,
  validationIterations: true,
  seed: true,
  loss: true,
  deepSupervision: true,
  network: true,
  learningRate: true,
  schedule: true,
  sgd: true,
  adam: true,
  adan: true,
  mirrorAxes: true,
  transforms: true,
  augmentation: true,
  oversampling: true,
  elasticDeformation: true,
  pretrainedWeights: true,
  checkpoints: true,
  benchmark: true,
  randomBatch: true,
  device: true,
  precision: true,
  threads: true,
  loaders: true,
  patience: true,
  timeBudget: true,
};

const sgdOptions: KnownOptions<SgdOptions> = {
  momentum: true,
  weightDecay: true,
  maxGradientNorm: true,
};

const adamOptions: KnownOptions<AdamOptions> = {
  betas: true,
  epsilon: true,
  weightDecay: true,
  decoupled: true,
  amsgrad: true,
  maxGradientNorm: true,
};

const adanOptions: KnownOptions<AdanOptions> = {
  betas: true,
  epsilon: true,
  weightDecay: true,
  maxGradientNorm: true,
};

const augmentationVariant: KnownOptions<AugmentationVariant> = {
  scheme: true,
  slicewise: true,
  nearest: true,
  previousStageErrors: true,
};

const oversampling: KnownOptions<Oversampling> = { share: true, atRandom: true };

/**
 * Checks the options whose errors would otherwise appear late or never. Omitted options are valid.
 *
 * @param axes Number of the patch's axes, 2 or 3.
 * @throws {TypeError} If an option is unknown; the message suggests the closest known one.
 * @throws {RangeError} If an option is invalid; the message names it.
 */
export function requireTrainable(options: TrainerOptions, axes: number): void {
  requireKnown(options, trainerOptions, "train");
  requireKnown(options.sgd ?? {}, sgdOptions, "train", "sgd");
  requireKnown(options.adam ?? {}, adamOptions, "train", "adam");
  requireKnown(options.adan ?? {}, adanOptions, "train", "adan");
  const optimizers = (["sgd", "adam", "adan"] as const).filter((name) => options[name]);
  if (optimizers.length > 1) {
    throw new RangeError(
      `Cannot train: found ${optimizers.join(" and ")}, expected one optimiser`,
    );
  }
  requireKnown(options.augmentation ?? {}, augmentationVariant, "train", "augmentation");
  requireKnown(options.oversampling ?? {}, oversampling, "train", "oversampling");
  if (options.transforms) requireKnownTransformOptions(options.transforms);
  const atLeastOne = wholeFrom(1);
  const checks: readonly (readonly [name: string, value: unknown, rule: Rule])[] = [
    ["fold", options.fold, fold],
    ["device", options.device, oneOf(...deviceChoices)],
    ["loss", options.loss, callable],
    ["network", options.network, callable],
    ["schedule", options.schedule, callable],
    ["epochs", options.epochs, atLeastOne],
    ["iterations", options.iterations, atLeastOne],
    ["validationIterations", options.validationIterations, atLeastOne],
    ["patience", options.patience, atLeastOne],
    ["loaders", options.loaders, atLeastOne],
    ["threads", options.threads, atLeastOne],
    ["seed", options.seed, wholeFrom(0)],
    ["learningRate", options.learningRate, aboveZero],
    ["timeBudget", options.timeBudget, aboveZero],
    ["mirrorAxes", options.mirrorAxes, axesOf(axes)],
    ["oversampling.share", options.oversampling?.share, share],
    ["precision", options.precision, oneOf("auto", "float32", "mixed")],
    ["sgd.momentum", options.sgd?.momentum, decay],
    ["adam.betas", options.adam?.betas, decays(2)],
    ["adam.epsilon", options.adam?.epsilon, fromZero],
    ["adan.betas", options.adan?.betas, decays(3)],
    ["adan.epsilon", options.adan?.epsilon, fromZero],
    ...optimizers.flatMap((name) => [
      [`${name}.weightDecay`, options[name]?.weightDecay, fromZero] as const,
      [`${name}.maxGradientNorm`, options[name]?.maxGradientNorm, bound] as const,
    ]),
    ["augmentation.scheme", options.augmentation?.scheme, oneOf("default", "DA5", "none")],
  ];
  for (const [name, value, { expected, holds }] of checks) {
    if (value === undefined || holds(value)) continue;
    const found = typeof value === "number" ? value : JSON.stringify(value);
    throw new RangeError(`Cannot train: ${name} is ${found}, expected ${expected}`);
  }
}
