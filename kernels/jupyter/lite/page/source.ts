/** Opens the notebooks' scans in a browser; stands in for `notebooks/source.ts`. */

import { shortLearning } from "../../../../notebooks/common.ts";
import { phantomSource } from "../../../../notebooks/phantom_source.ts";
import {
  type Prepared,
  prepareDataset,
  type Source,
} from "../../../../notebooks/prepare_dataset.ts";
import { settings } from "./settings.ts";

/** Folder of all files, which are in the page's memory. */
const runs = "/course";

/** Generates phantoms. @throws {Error} If other scans are asked for. */
export function openScans(choice: unknown = "phantoms"): Promise<Source> {
  if (choice !== "phantoms") {
    throw new Error(
      "Cannot open other scans: this notebook runs in a browser, where its files are in memory; " +
        "run the course on your computer to use scans of your own",
    );
  }
  const { cases, spacing } = settings;
  return phantomSource(`${runs}/phantoms`, { cases, spacing: [spacing, spacing, spacing] });
}

/** Creates a data set as `notebooks/source.ts` does. */
export function datasetOf(source: Source): Promise<Prepared> {
  return prepareDataset(source, runs);
}

/** Options for a training that takes minutes. */
export const shortTraining = {
  ...shortLearning,
  get epochs() {
    return settings.epochs;
  },
  get iterations() {
    return settings.iterations;
  },
  get validationIterations() {
    return settings.validationIterations;
  },
};

/** Planning options for a network that a browser trains in minutes. */
export const smallPlan = {
  get gpuMemoryTarget() {
    return settings.gpuMemoryTarget;
  },
  get baseFeatures() {
    return settings.baseFeatures;
  },
};
