/** Collects the settings of a training for its log. */

import type { Split } from "../files/splits_json.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import { recordOptions } from "./kept_options.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { TrainerOptions } from "./training_options.ts";

/** The settings of a training, as plain data. */
export type TrainingSettings = Readonly<Record<string, unknown>>;

/** What the settings are collected from. */
export interface SettingsSources {
  readonly facts: ModelFacts;
  /** The user's options and, in a resumed training, those it began with. */
  readonly given: TrainerOptions;
  /** The options completed with defaults. */
  readonly options: ResolvedOptions;
  readonly split: Split;
}

/** Returns a training's settings, with the keys of upstream's log where it has them. */
export function trainingSettings(
  { facts, given, options, split }: SettingsSources,
): TrainingSettings {
  const { plansData, configuration, heads, inputChannels } = facts;
  return {
    dataset: plansData.datasetName,
    plans: plansData.plansName,
    configuration: configuration.name,
    fold: options.fold,
    trainer: options.trainer,
    epochs: options.epochs,
    iterations: options.iterations,
    validation_iterations: options.validationIterations,
    initial_lr: options.schedule(0, options.epochs),
    seed: options.seed,
    mirror_axes: options.mirrorAxes,
    patch_size: configuration.patchSize,
    batch_size: configuration.batchSize,
    input_channels: inputChannels,
    heads: heads.count,
    training_cases: split.train.length,
    validation_cases: split.validation.length,
    options: recordOptions(given),
  };
}
