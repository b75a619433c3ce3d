/** Defines plans together with the folder of the data set's preprocessed cases. */

import { join } from "./platform/paths.ts";
import { requireChannels } from "./dataset/case.ts";
import {
  aDataset,
  type Dataset,
  type FoldersOrRoot,
  requireId,
  resolveFolders,
} from "./dataset/dataset.ts";
import { describeDatasets, listDatasets } from "./dataset/list_datasets.ts";
import type { DatasetJson } from "./files/dataset.ts";
import { allowedLabels, declaredLabels } from "./files/dataset_labels.ts";
import { readDatasetJson } from "./files/dataset_file.ts";
import { readFingerprint } from "./files/fingerprint_file.ts";
import { configurationOf, whyNoConfiguration } from "./files/configuration_of.ts";
import { fileNames } from "./files/paths.ts";
import type { Folders } from "./files/folders.ts";
import { readPlans } from "./files/plans_file.ts";
import type { Configuration, ConfigurationName, Fingerprint, PlansData } from "./files/plans.ts";
import { MissingPlansError } from "./planning/missing_plans_error.ts";
import { exists } from "./platform/files.ts";
import { classesToLocate } from "./preprocessing/class_locations.ts";
import { copyGroundTruth } from "./preprocessing/ground_truth.ts";
import type { PreprocessedGrid } from "./preprocessing/preprocess_worker.ts";
import { preprocessDataset } from "./preprocessing/preprocess_dataset.ts";
import { type KnownOptions, requireKnown } from "./options/require_known.ts";
import {
  numberThat,
  requireList,
  requireOption,
  requireValue,
  text,
  wholeFrom,
} from "./options/require_value.ts";
import { requireFileName } from "./untrusted/file_name.ts";

/** The data that {@link Plans} consist of. */
export interface PlansParts {
  /** nnU-Net's three roots. */
  readonly folders: Folders;
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  /** The contents of `nnUNetPlans.json`. */
  readonly plansData: PlansData;
  /** The contents of `dataset_fingerprint.json`. */
  readonly fingerprint: Fingerprint;
  /** The contents of `dataset.json`. */
  readonly datasetJson: DatasetJson;
}

/** How to preprocess a data set's cases. */
export interface PreprocessOptions {
  /** The configurations to preprocess for. */
  readonly configurations: readonly ConfigurationName[];
  /**
   * Number of cases to preprocess at once; one per core by default. Each holds a whole scan in
   * memory.
   */
  readonly workers?: number;
  /** Bytes that all workers may take together; fewer workers run if their cases do not fit. */
  readonly memoryLimitBytes?: number;
  /** Aborts the preprocessing; finished cases are kept. */
  readonly signal?: AbortSignal;
  /** Called after every case, counted over all configurations. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with each case that is written, and how its grid changed. */
  readonly onCase?: (grid: PreprocessedGrid) => void;
}

/** Which plans to open. */
export type OpenPlansOptions = FoldersOrRoot & {
  /** The data set's id. */
  readonly id: number;
  /** The plans' name; `nnUNetPlans` by default. */
  readonly plansName?: string;
};

const preprocessOptions: KnownOptions<PreprocessOptions> = {
  configurations: true,
  workers: true,
  memoryLimitBytes: true,
  signal: true,
  onProgress: true,
  onCase: true,
};
const openPlansOptions: KnownOptions<OpenPlansOptions> = {
  id: true,
  plansName: true,
  root: true,
  folders: true,
};

/** A training passes labels to the network as bytes. */
const MAX_LABEL = 255;

/**
 * A data set's plans, with its folder in `nnUNet_preprocessed`.
 *
 * @example Planning and preprocessing a data set
 * ```ts ignore
 * import { Dataset, Planner } from "nnunet";
 *
 * const dataset = await Dataset.open({ root: "nnunet", id: 4 });
 * const plans = await new Planner().plan(dataset);
 * await plans.preprocess(dataset, { configurations: ["3d_fullres"] });
 * ```
 */
export class Plans implements PlansParts {
  /** nnU-Net's three roots. */
  readonly folders: Folders;
  /** The data set's folder in `nnUNet_preprocessed`. */
  readonly folder: string;
  /** The contents of `nnUNetPlans.json`. */
  readonly plansData: PlansData;
  /** The contents of `dataset_fingerprint.json`. */
  readonly fingerprint: Fingerprint;
  /** The contents of `dataset.json`. */
  readonly datasetJson: DatasetJson;

  /**
   * Creates plans from their parts; {@link Plans.open} reads them from files.
   *
   * @param parts The folders, and the contents of the plans' files.
   */
  constructor(parts: PlansParts) {
    this.folders = parts.folders;
    this.folder = parts.folder;
    this.plansData = parts.plansData;
    this.fingerprint = parts.fingerprint;
    this.datasetJson = parts.datasetJson;
  }

  /**
   * Opens the plans of a data set, made by this library or by nnU-Net.
   *
   * @param options The data set's id, and where its folders are.
   * @returns The plans.
   * @throws {TypeError} If an option is unknown, missing or of the wrong kind.
   * @throws {RangeError} If `plansName` is not a valid file name.
   * @throws {MissingPlansError} If the data set has no plans of this name.
   * @throws {Error} If several data sets have the id, or a file cannot be read.
   * @throws {SyntaxError} If a file's contents are invalid.
   *
   * @example The patch size of a configuration
   * ```ts ignore
   * import { Plans } from "nnunet";
   *
   * const plans = await Plans.open({ root: "nnunet", id: 4 });
   * console.log(plans.configuration("3d_fullres").patchSize);
   * ```
   */
  static async open(options: OpenPlansOptions): Promise<Plans> {
    requireKnown(options, openPlansOptions, "open plans");
    const { id, plansName = "nnUNetPlans" } = options;
    requireId(id, "open plans");
    requireValue(plansName, text, "open plans", "`plansName`");
    requireFileName(plansName, "Cannot open plans: `plansName`");
    const folders = resolveFolders(options, "open plans");
    const datasets = await listDatasets(folders.preprocessed);
    const matches = datasets.filter((dataset) => dataset.id === id);
    if (matches.length > 1) {
      const found = matches.map(({ folder }) => folder).join(", ");
      throw new Error(
        `Cannot open plans of data set ${id}: found ${found}, expected one folder with this id`,
      );
    }
    if (matches.length === 0) {
      const path = folders.preprocessed;
      const found = await describeDatasets(path, datasets);
      throw new MissingPlansError({ id, plansName, path }, found);
    }
    const [{ folder }] = matches;
    const path = join(folder, fileNames.plans(plansName));
    if (!await exists(path)) {
      throw new MissingPlansError({ id, plansName, path }, `found no ${path}`);
    }
    return new Plans({
      folders,
      folder,
      plansData: await readPlans(path),
      fingerprint: await readFingerprint(join(folder, fileNames.fingerprint)),
      datasetJson: await readDatasetJson(join(folder, fileNames.dataset)),
    });
  }

  /**
   * Preprocesses the data set's cases for training, and copies their label maps to
   * `gt_segmentations` for validation. Cases that were preprocessed from the same files with the
   * same plan before are kept.
   *
   * @param dataset The data set whose cases to preprocess.
   * @param options The configurations to preprocess for, and how.
   * @throws {TypeError} If an option is unknown or of the wrong kind, or `dataset` is not a data set.
   * @throws {RangeError} If a configuration was not planned, or a label is above 255.
   * @throws {MemoryError} If a single case needs more than the memory limit.
   * @throws {FailedCasesError} If cases fail, after the others are done.
   * @throws {LockedError} If another run preprocesses one of the configurations.
   * @throws The signal's reason, if it is aborted; finished cases are kept.
   *
   * @example Two cases at once, with 16 GB of memory
   * ```ts ignore
   * await plans.preprocess(dataset, {
   *   configurations: ["2d", "3d_fullres"],
   *   workers: 2,
   *   memoryLimitBytes: 16e9,
   * });
   * ```
   */
  async preprocess(
    dataset: Pick<Dataset, "cases">,
    options: PreprocessOptions,
  ): Promise<void> {
    requireKnown(options, preprocessOptions, "preprocess");
    const { configurations, workers, memoryLimitBytes, signal, onProgress, onCase } = options;
    requireValue(dataset, aDataset, "preprocess", "dataset");
    requireList(configurations, text, "preprocess", "configurations", 'a list, as ["3d_fullres"]');
    requireOption(workers, wholeFrom(1), "preprocess", "workers");
    const positive = numberThat("a number above 0", (bytes) => bytes > 0);
    requireOption(memoryLimitBytes, positive, "preprocess", "memoryLimitBytes");
    requireChannels(dataset.cases, "preprocess");
    this.#requireTrainableLabels();
    const planned = configurations.map((name) => this.configuration(name));
    for (const [i, configuration] of planned.entries()) {
      await preprocessDataset({
        cases: dataset.cases,
        plansData: this.plansData,
        configuration,
        labels: classesToLocate(this.datasetJson.labels),
        allowedLabels: allowedLabels(this.datasetJson.labels),
        folder: join(this.folder, configuration.dataIdentifier),
        workers,
        memoryLimitBytes,
        signal,
        onCase,
        onProgress: (done, total) => onProgress?.(i * total + done, planned.length * total),
      });
    }
    await copyGroundTruth(dataset.cases, this.folder, this.datasetJson.fileEnding, signal);
  }

  /** @throws {RangeError} If a label needs more than the byte that a training has for it. */
  #requireTrainableLabels(): void {
    const highest = declaredLabels(this.datasetJson.labels).at(-1) ?? 0;
    if (highest <= MAX_LABEL) return;
    throw new RangeError(
      `Cannot preprocess ${this.plansData.datasetName}: dataset.json has label ${highest}, ` +
        `expected labels from 0 to ${MAX_LABEL}`,
    );
  }

  /**
   * Returns one of the planned configurations.
   *
   * @param name The configuration's name, such as `3d_fullres`.
   * @returns The configuration.
   * @throws {RangeError} If it was not planned or is not supported; the message says which, and why.
   *
   * @example Printing a batch size
   * ```ts ignore
   * console.log(plans.configuration("2d").batchSize);
   * ```
   */
  configuration(name: string): Configuration {
    const configuration = configurationOf(this.plansData, name);
    if (configuration) return configuration;
    throw new RangeError(
      `Cannot use configuration "${name}": ${whyNoConfiguration(this.plansData, name)}`,
    );
  }
}
