/** Collects the facts about a model that do not depend on its weights. */

import type { DatasetJson } from "../files/dataset.ts";
import { foregroundIntegers } from "../files/dataset_labels.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { type Heads, headsOf } from "./heads.ts";

/** A model's plans and data set, as read from its files. */
export interface ModelSources {
  /** The contents of the plans file. */
  readonly plansData: PlansData;
  /** The configuration of `plansData` that the network was built for. */
  readonly configuration: Configuration;
  /** The contents of the data set's `dataset.json`. */
  readonly datasetJson: DatasetJson;
  /** Axes of the patch that training mirrors; predictions may be averaged over mirrored views. */
  readonly mirrorAxes: readonly number[];
}

/** What training, prediction, validation, ensembling and export need to know, as plain data. */
export interface ModelFacts extends ModelSources {
  /** What the network's output channels stand for. */
  readonly heads: Heads;
  /**
   * Number of the network's input channels: the scan's, then one for each of
   * `previousStageLabels`.
   */
  readonly inputChannels: number;
  /**
   * For a cascade's second stage, the foreground labels in ascending order; the first stage's
   * segmentation is split into one input channel for each.
   */
  readonly previousStageLabels?: readonly number[];
}

/**
 * Derives a model's facts from its plans and data set.
 *
 * @param sources The model's plans, configuration and data set.
 * @returns The sources, and what follows from them.
 * @throws {RangeError} If `regionsClassOrder` does not have one label for each region, or
 * `mirrorAxes` are not different axes of the patch.
 *
 * @example The second stage of a cascade takes the labels of the first as input
 * ```ts ignore
 * const configuration = plans.configuration("3d_cascade_fullres");
 * const facts = modelFacts({ ...plans, configuration, mirrorAxes: [0, 1, 2] });
 * facts.inputChannels; // 3 for CT scans with two foreground labels
 * ```
 */
export function modelFacts(sources: ModelSources): ModelFacts {
  const { plansData, configuration, datasetJson, mirrorAxes } = sources;
  const { labels, channelNames } = datasetJson;
  requireAxes(mirrorAxes, configuration.architecture.dimensions);
  const previous = configuration.previousStage ? foregroundIntegers(labels) : undefined;
  return {
    plansData,
    configuration,
    datasetJson,
    mirrorAxes,
    heads: headsOf(datasetJson),
    inputChannels: channelNames.length + (previous?.length ?? 0),
    ...previous && { previousStageLabels: previous },
  };
}

/** Each axis doubles the number of predictions, so that a list of many would never end. */
function requireAxes(mirrorAxes: readonly number[], dimensions: number): void {
  const known = Array.isArray(mirrorAxes) && new Set(mirrorAxes).size === mirrorAxes.length &&
    mirrorAxes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < dimensions);
  if (!known) {
    throw new RangeError(
      `Cannot use model: it is mirrored along the axes ${JSON.stringify(mirrorAxes)}, ` +
        `expected different ones from 0 to ${dimensions - 1}`,
    );
  }
}
