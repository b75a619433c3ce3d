/** What a training is, as its log records it. */

import type { Split } from "../files/splits_json.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { TrainerOptions } from "./training_options.ts";

/** What a training was started with; plain data. */
export type TrainingSettings = Readonly<Record<string, unknown>>;

/** What the settings are taken from. */
export interface SettingsSources {
  readonly facts: ModelFacts;
  /** What the user gave. */
  readonly given: TrainerOptions;
  /** What the training runs with. */
  readonly options: ResolvedOptions;
  readonly split: Split;
}

/** A training's settings under the names that upstream's log uses, where it has one. */
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
    options: serializable(given),
  };
}

/** Functions by their names, since a log cannot hold them. */
function serializable(options: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(
    options,
    (_, value) => typeof value === "function" ? `function ${value.name}` : value,
  ));
}
