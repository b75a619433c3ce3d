/** What is known of a model besides its weights. */

import { type DatasetJson, foregroundIntegers } from "../files/dataset_json.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { type Heads, headsOf } from "./heads.ts";

/** What a model is made from, as its files say it. */
export interface ModelSources {
  readonly plans: PlansData;
  /** One of the plans' configurations: the one that the network is of. */
  readonly configuration: Configuration;
  readonly dataset: DatasetJson;
  /** Axes of the patch that are mirrored in training: predictions may be averaged over them. */
  readonly mirrorAxes: readonly number[];
}

/** What training, prediction, validation, ensembles and export need to know; plain data. */
export interface ModelFacts extends ModelSources {
  /** What the network's output channels stand for. */
  readonly heads: Heads;
  /** Input channels of the network: the scan's, then one for each of `previousStageLabels`. */
  readonly inputChannels: number;
  /**
   * For a cascade's second stage, the foreground labels that the first stage's segmentation is
   * split into, ascending.
   */
  readonly previousStageLabels?: readonly number[];
}

/**
 * Puts together what is known of a model.
 *
 * @param sources Its plans, configuration and data set.
 * @returns These, and what follows from them.
 * @throws {RangeError} If the data set's regions lack their order.
 *
 * @example The second stage of a cascade sees the labels of the first
 * ```ts ignore
 * const { configurations } = plans;
 * const configuration = configurations["3d_cascade_fullres"];
 * const facts = modelFacts({ plans, configuration, dataset, mirrorAxes: [0, 1, 2] });
 * facts.inputChannels; // Of a CT with two foreground labels: 3
 * ```
 */
export function modelFacts(sources: ModelSources): ModelFacts {
  const { plans, configuration, dataset, mirrorAxes } = sources;
  const { labels, channelNames } = dataset;
  const previous = configuration.previousStage ? foregroundIntegers(labels) : undefined;
  return {
    plans,
    configuration,
    dataset,
    mirrorAxes,
    heads: headsOf(dataset),
    inputChannels: channelNames.length + (previous?.length ?? 0),
    ...previous && { previousStageLabels: previous },
  };
}
