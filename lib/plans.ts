/** A planned data set: what was decided, and where its preprocessed cases belong. */

import { join } from "./platform/paths.ts";
import type { Dataset, FoldersOrRoot } from "./dataset/dataset.ts";
import { listDatasets } from "./dataset/list_datasets.ts";
import { type DatasetJson, readDatasetJson } from "./files/dataset_json.ts";
import { readFingerprint } from "./files/fingerprint_json.ts";
import { fileNames, type Folders, foldersIn } from "./files/paths.ts";
import { readPlans } from "./files/plans_json.ts";
import type { Configuration, ConfigurationName, Fingerprint, PlansData } from "./files/plans.ts";
import { classesToLocate } from "./preprocessing/class_locations.ts";
import { copyGroundTruth } from "./preprocessing/ground_truth.ts";
import { preprocessDataset } from "./preprocessing/preprocess_dataset.ts";
import { type KnownOptions, requireKnown } from "./options/require_known.ts";

/** What {@link Plans} are made of. */
export interface PlansParts {
  /** nnU-Net's three roots. */
  readonly folders: Folders;
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  readonly data: PlansData;
  readonly fingerprint: Fingerprint;
  /** What the data set says of itself. */
  readonly dataset: DatasetJson;
}

/** Which cases to bring onto the plan's grid, and how. */
export interface PreprocessOptions {
  readonly configurations: readonly ConfigurationName[];
  /** Cases worked on at once; all cores by default. Each holds a whole scan in memory. */
  readonly workers?: number;
  /** Bytes that all workers may take together; they become fewer until their cases fit. */
  readonly memoryLimitBytes?: number;
  readonly signal?: AbortSignal;
  /** Called after every case, counted over all configurations. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Which plans to open. */
export type OpenPlansOptions = FoldersOrRoot & {
  /** The data set's id. */
  readonly id: number;
  /** Name of the plans, `nnUNetPlans` by default. */
  readonly plansName?: string;
};

const preprocessOptions: KnownOptions<PreprocessOptions> = {
  configurations: true,
  workers: true,
  memoryLimitBytes: true,
  signal: true,
  onProgress: true,
};
const openPlansOptions: KnownOptions<OpenPlansOptions> = {
  id: true,
  plansName: true,
  root: true,
  folders: true,
};

/** Plans with their folder in `nnUNet_preprocessed`. */
export class Plans implements PlansParts {
  readonly folders: Folders;
  readonly folder: string;
  readonly data: PlansData;
  readonly fingerprint: Fingerprint;
  readonly dataset: DatasetJson;

  constructor(parts: PlansParts) {
    this.folders = parts.folders;
    this.folder = parts.folder;
    this.data = parts.data;
    this.fingerprint = parts.fingerprint;
    this.dataset = parts.dataset;
  }

  /**
   * Opens the plans of a data set, ours or Python's, by its id.
   *
   * @throws {Error} If the data set has no preprocessed folder, or its files cannot be read.
   * @throws {SyntaxError} If a file is not what its name says.
   *
   * @example
   * ```ts
   * const plans = await Plans.open({ root: "nnunet", id: 4 });
   * plans.configuration("3d_fullres").patchSize;
   * ```
   */
  static async open(options: OpenPlansOptions): Promise<Plans> {
    requireKnown(options, openPlansOptions, "open plans");
    const { id, plansName = "nnUNetPlans" } = options;
    const folders = options.folders ?? foldersIn(options.root);
    const places = await listDatasets(folders.preprocessed);
    const matches = places.filter((place) => place.id === id);
    if (matches.length !== 1) {
      const ids = places.map((place) => place.id).join(", ") || "none";
      throw new Error(
        `Cannot open plans of data set ${id}: found the ids ${ids} in ${folders.preprocessed}, ` +
          `expected ${id} once; plan the data set first`,
      );
    }
    const [{ folder }] = matches;
    return new Plans({
      folders,
      folder,
      data: await readPlans(join(folder, fileNames.plans(plansName))),
      fingerprint: await readFingerprint(join(folder, fileNames.fingerprint)),
      dataset: await readDatasetJson(join(folder, fileNames.dataset)),
    });
  }

  /**
   * Brings the data set's cases onto the plan's grid, ready for training, and copies their label
   * maps to `gt_segmentations` for validation. Cases that were already made from the same files by
   * the same plan stay.
   *
   * @throws {RangeError} If a configuration was not planned.
   * @throws {MemoryError} If a case alone needs more than the memory limit.
   * @throws {Error} If a case fails, naming it.
   * @throws The signal's reason, if it is aborted; finished cases stay.
   */
  async preprocess(
    dataset: Pick<Dataset, "cases">,
    options: PreprocessOptions,
  ): Promise<void> {
    requireKnown(options, preprocessOptions, "preprocess");
    const { configurations, workers, memoryLimitBytes, signal, onProgress } = options;
    const planned = configurations.map((name) => this.configuration(name));
    for (const [i, configuration] of planned.entries()) {
      await preprocessDataset({
        cases: dataset.cases,
        plans: this.data,
        configuration,
        labels: classesToLocate(this.dataset.labels),
        folder: join(this.folder, configuration.dataIdentifier),
        workers,
        memoryLimitBytes,
        signal,
        onProgress: (done, total) => onProgress?.(i * total + done, planned.length * total),
      });
    }
    await copyGroundTruth(dataset.cases, this.folder, this.dataset.fileEnding, signal);
  }

  /**
   * One of the planned configurations, such as `3d_fullres`.
   *
   * @throws {RangeError} If it was not planned, naming those that were.
   */
  configuration(name: string): Configuration {
    const { configurations, datasetName, plansName } = this.data;
    const configuration = Object.values(configurations).find((one) => one.name === name);
    if (configuration) return configuration;
    throw new RangeError(
      `Cannot use configuration "${name}": ${plansName} of ${datasetName} has ` +
        Object.keys(configurations).join(", "),
    );
  }
}
