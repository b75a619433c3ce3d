/** Plans how a data set is preprocessed and trained on. */

import { join } from "./platform/paths.ts";
import { requireChannels } from "./dataset/case.ts";
import { aDataset, type Dataset } from "./dataset/dataset.ts";
import { copyFileIfNewer } from "./files/copy_file.ts";
import { writeDatasetJson } from "./files/dataset_file.ts";
import { readFingerprint, writeFingerprint } from "./files/fingerprint_file.ts";
import { formatFingerprint } from "./files/fingerprint_json.ts";
import { datasetFolderName, fileNames } from "./files/paths.ts";
import { writePlans } from "./files/plans_file.ts";
import { formatPlans } from "./files/plans_json.ts";
import { describeReplacedPlans, plansTextIn } from "./files/replaced_plans.ts";
import { readImage, readSegmentation } from "./image/image_files.ts";
import { type ReaderName, readerNames, requestedReader } from "./image/reader.ts";
import type { DatasetFacts } from "./planning/dataset_facts.ts";
import { extractFingerprint } from "./planning/fingerprint.ts";
import { extractFingerprintInWorkers } from "./planning/fingerprint_in_workers.ts";
import type { PatchAndBatchOverride } from "./planning/patch_and_batch.ts";
import {
  planDataset,
  type PlanningOptions,
  requirePlanningOptions,
} from "./planning/plan_dataset.ts";
import type { Fingerprint } from "./files/plans.ts";
import { readerName } from "./planning/reader_name.ts";
import type { Reason } from "./planning/reason.ts";
import { reusableFingerprint } from "./planning/stored_fingerprint.ts";
import { Plans } from "./plans.ts";
import { copyGroundTruth } from "./preprocessing/ground_truth.ts";
import { exists } from "./platform/files.ts";
import { requireValue } from "./options/require_value.ts";
import { type KnownOptions, requireKnown } from "./options/require_known.ts";

/** How to extract a fingerprint. */
export interface FingerprintRun {
  /**
   * Whether an earlier fingerprint in the data set's folder may be used, as nnU-Net does: one of as
   * many cases that is newer than all their files; false by default.
   */
  readonly reuse?: boolean;
  /**
   * Number of workers that read cases, each of which holds a whole scan in memory; by default, this
   * thread reads them.
   */
  readonly workers?: number;
  /** Aborts the work; no fingerprint is written then. */
  readonly signal?: AbortSignal;
  /** Called after each case that is read, with the number of read cases and of all cases. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with each case's name, its shape after cropping (z, y, x), and its spacing in mm. */
  readonly onCase?: (
    name: string,
    grid: { readonly shapeAfterCrop: readonly number[]; readonly spacing: readonly number[] },
  ) => void;
  /** Called with the path of an earlier fingerprint if it is used. */
  readonly onReuse?: (path: string) => void;
  /** Called with what is left out or replaced, if anything. */
  readonly onWarning?: (message: string) => void;
}

/** Options of one run of the planner. */
export interface PlanRun {
  /** Fingerprint from earlier plans of the same cases; by default, every case is read. */
  readonly fingerprint?: Fingerprint;
  /** Aborts the planning; no plans are written then. */
  readonly signal?: AbortSignal;
  /** Called after each case that is read, with the number of read cases and of all cases. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with what the planning leaves out or replaces, if anything. */
  readonly onWarning?: (message: string) => void;
}

const fingerprintRun: KnownOptions<FingerprintRun> = {
  reuse: true,
  workers: true,
  signal: true,
  onProgress: true,
  onCase: true,
  onReuse: true,
  onWarning: true,
};
const planRun: KnownOptions<PlanRun> = {
  fingerprint: true,
  signal: true,
  onProgress: true,
  onWarning: true,
};
const planningOptions: KnownOptions<PlanningOptions> = {
  planner: true,
  gpuMemoryTarget: true,
  baseFeatures: true,
  plansName: true,
  targetSpacing: true,
  normalizationSchemes: true,
  overrides: true,
};

const overriddenConfigurations: KnownOptions<NonNullable<PlanningOptions["overrides"]>> = {
  "2d": true,
  "3d_lowres": true,
  "3d_fullres": true,
};
const patchAndBatchOverride: KnownOptions<PatchAndBatchOverride> = {
  patchSize: true,
  batchSize: true,
};

/**
 * Plans preprocessing and training of a data set by nnU-Net's rules.
 *
 * @example Planning for a GPU with 24 GB of memory
 * ```ts ignore
 * import { Dataset, Planner } from "nnunet";
 *
 * const dataset = await Dataset.open({ root: "nnunet", id: 4 });
 * const plans = await new Planner({ planner: "nnUNetPlannerResEncL" }).plan(dataset);
 * ```
 */
export class Planner {
  /** Settings that override the planning rules. */
  readonly options: PlanningOptions;

  /**
   * Creates a planner.
   *
   * @param options Settings that override the planning rules; none by default.
   * @throws {TypeError} If an option is unknown.
   */
  constructor(options: PlanningOptions = {}) {
    requireKnown(options, planningOptions, "plan");
    const { overrides = {} } = options;
    requireKnown(overrides, overriddenConfigurations, "plan", "overrides");
    for (const [name, override] of Object.entries(overrides)) {
      requireKnown(override, patchAndBatchOverride, "plan", `overrides.${name}`);
    }
    this.options = options;
  }

  /**
   * Reads every case and writes `dataset_fingerprint.json`, from which {@link Planner.plan} plans,
   * and `dataset.json` to the data set's folder in `nnUNet_preprocessed`.
   *
   * @param dataset The data set.
   * @param run Whether to use an earlier fingerprint, and how to observe and abort the work.
   * @returns The fingerprint.
   * @throws {TypeError} If an option is unknown.
   * @throws {RangeError} If the data set has no cases, no foreground or a gap between channels.
   * @throws {FailedCasesError} If cases cannot be read or used; it names all of them.
   * @throws {SyntaxError} If an earlier fingerprint that may be used is invalid.
   * @throws {Error} If a file cannot be read or written.
   * @throws The signal's reason, if it is aborted.
   *
   * @example Planning twice from one fingerprint
   * ```ts ignore
   * import { Dataset, Planner } from "nnunet";
   *
   * const dataset = await Dataset.open({ root: "nnunet", id: 4 });
   * const fingerprint = await new Planner().extractFingerprint(dataset, { reuse: true });
   * await new Planner().plan(dataset, { fingerprint });
   * await new Planner({ planner: "nnUNetPlannerResEncM" }).plan(dataset, { fingerprint });
   * ```
   */
  async extractFingerprint(dataset: Dataset, run: FingerprintRun = {}): Promise<Fingerprint> {
    requireKnown(run, fingerprintRun, "extract a fingerprint");
    requireChannels(dataset.cases, "extract a fingerprint");
    const folder = join(dataset.folders.preprocessed, datasetFolderName(dataset.id, dataset.name));
    const path = join(folder, fileNames.fingerprint);
    if (run.reuse && await exists(path)) {
      const stored = await reusableFingerprint(path, dataset);
      if ("fingerprint" in stored) {
        run.onReuse?.(path);
        return stored.fingerprint;
      }
      run.onWarning?.(`${path} ${stored.reason}; it is made anew`);
    }
    const fingerprint = await readCases(dataset, run);
    await writeFingerprint(path, fingerprint);
    await writeDatasetJson(join(folder, fileNames.dataset), dataset.json);
    return fingerprint;
  }

  /**
   * Reads every case, plans, and writes `dataset_fingerprint.json`, `nnUNetPlans.json`,
   * `dataset.json` and the ground truth to the data set's folder in `nnUNet_preprocessed`. A
   * `splits_final.json` in the raw folder is copied there as well, unless one exists. Plans of the
   * same name that differ are replaced, with a warning.
   *
   * @param dataset The data set to plan.
   * @param run An earlier fingerprint, and how to observe and abort the planning.
   * @returns The plans.
   * @throws {TypeError} If an option is unknown.
   * @throws {RangeError} If the data set has no cases, no foreground or a gap between channels, or an option is out of range.
   * @throws {FailedCasesError} If cases cannot be read or used; it names all of them.
   * @throws {Error} If a file cannot be read or written.
   * @throws The signal's reason, if it is aborted.
   *
   * @example Planning a data set with one small scan
   * ```ts
   * import assert from "node:assert/strict";
   * import {
   *   Dataset,
   *   imageFrom,
   *   Planner,
   *   segmentationFrom,
   *   writeImage,
   *   writeSegmentation,
   * } from "nnunet";
   *
   * const root = await Deno.makeTempDir();
   * const grid = { shape: [16, 32, 32], spacing: [3, 1, 1] };
   * const data = Float32Array.from({ length: 16 * 32 * 32 }, (_, i) => 1 + i % 32);
   * await writeImage(`${root}/input/a.nii.gz`, imageFrom(data, grid));
   * await writeSegmentation(
   *   `${root}/labels/a.nii.gz`,
   *   segmentationFrom(Uint8Array.from(data, (value) => value > 16 ? 1 : 0), grid),
   * );
   * const dataset = await Dataset.create({
   *   root,
   *   id: 4,
   *   name: "Hippocampus",
   *   images: `${root}/input`,
   *   labels: `${root}/labels`,
   *   channels: ["MRI"],
   *   classes: ["hippocampus"],
   * });
   * const plans = await new Planner({ gpuMemoryTarget: 4 }).plan(dataset);
   * assert.deepEqual(plans.configuration("3d_fullres").patchSize, [16, 32, 32]);
   * await Deno.remove(root, { recursive: true });
   * ```
   */
  async plan(dataset: Dataset, run: PlanRun = {}): Promise<Plans> {
    requireKnown(run, planRun, "plan");
    requireValue(dataset, aDataset, "plan", "dataset");
    requireChannels(dataset.cases, "plan");
    requirePlanningOptions(this.options, dataset.json.channelNames.length);
    const fingerprint = run.fingerprint ?? await readCases(dataset, run);
    const facts = factsOf(dataset, fingerprint);
    const data = planDataset(fingerprint, facts, this.options);

    const folder = join(dataset.folders.preprocessed, facts.datasetName);
    await keepFingerprint(join(folder, fileNames.fingerprint), fingerprint);
    await writeDatasetJson(join(folder, fileNames.dataset), dataset.json);
    await copyGroundTruth(dataset.cases, folder, dataset.json.fileEnding, run.signal);
    await adoptSplits(dataset.folder, folder);
    // Plans are written last, so that the other files exist whenever plans do.
    const path = join(folder, fileNames.plans(data.plansName));
    const before = await plansTextIn(path);
    await writePlans(path, data);
    const replaced = describeReplacedPlans(path, before, formatPlans(data));
    if (replaced !== undefined) run.onWarning?.(replaced);
    return new Plans({
      folders: dataset.folders,
      folder,
      plansData: data,
      fingerprint,
      datasetJson: dataset.json,
    });
  }

  /**
   * Explains the plans of a data set: the decisions in the order in which they are made, with the
   * numbers each is based on, including every patch that was tried.
   *
   * @param dataset The planned data set.
   * @param fingerprint The fingerprint of the plans that {@link Planner.plan} returned.
   * @returns The decisions; {@link formatReasons} formats them as text.
   * @throws {RangeError} In the same cases as {@link Planner.plan}.
   *
   * @example Printing the decisions
   * ```ts ignore
   * import { formatReasons, Planner } from "nnunet";
   *
   * const planner = new Planner();
   * const plans = await planner.plan(dataset);
   * console.log(formatReasons(planner.explain(dataset, plans.fingerprint)));
   * ```
   */
  explain(dataset: Dataset, fingerprint: Fingerprint): Reason[] {
    const reasons: Reason[] = [];
    const note = (reason: Reason) => void reasons.push(reason);
    planDataset(fingerprint, factsOf(dataset, fingerprint), this.options, note);
    return reasons;
  }
}

function factsOf(
  { id, name, json, cases }: Dataset,
  { shapesAfterCrop }: Fingerprint,
): DatasetFacts {
  const planar = shapesAfterCrop.every(([slices]) => slices === 1);
  return {
    datasetName: datasetFolderName(id, name),
    channelNames: json.channelNames,
    labelCount: Object.keys(json.labels).length,
    trainingCases: json.numTraining ?? cases.length,
    imageReaderWriter: requestedReader(json.overwriteImageReaderWriter) ??
      readerName(json.fileEnding, { planar }),
  };
}

/** Extracts a fingerprint, in workers if their number is given. */
function readCases(
  dataset: Dataset,
  run: Omit<FingerprintRun, "reuse" | "onReuse">,
): Promise<Fingerprint> {
  const reader = readerFor(dataset, run);
  const { workers, signal, onProgress, onCase } = run;
  if (workers !== undefined) {
    return extractFingerprintInWorkers(dataset.cases, {
      ...{ reader, workers, signal, onProgress, onCase },
    });
  }
  return extractFingerprint(dataset.cases, {
    readImage: (paths) => readImage(paths, { reader }),
    readSegmentation: (path) => readSegmentation(path, { reader }),
    ...{ signal, onProgress, onCase },
  });
}

/** The reader that `dataset.json` asks for; as in nnU-Net, one that does not exist is passed over. */
function readerFor(
  { json }: Dataset,
  { onWarning }: Pick<PlanRun, "onWarning">,
): ReaderName | undefined {
  const { overwriteImageReaderWriter: name } = json;
  const reader = requestedReader(name);
  if (name !== undefined && reader === undefined) {
    onWarning?.(
      `dataset.json asks for the image reader "${name}", which does not exist (expected one of ` +
        `${readerNames.join(", ")}); the file ending ${json.fileEnding} decides instead`,
    );
  }
  return reader;
}

/** Writes a fingerprint unless the file has it: its age says which cases it was made from. */
async function keepFingerprint(path: string, fingerprint: Fingerprint): Promise<void> {
  const text = formatFingerprint(fingerprint);
  const isThere = await exists(path) &&
    await readFingerprint(path).then((found) => formatFingerprint(found) === text, () => false);
  if (!isThere) await writeFingerprint(path, fingerprint);
}

async function adoptSplits(rawFolder: string, folder: string) {
  const given = join(rawFolder, fileNames.splits);
  const used = join(folder, fileNames.splits);
  if (await exists(given) && !await exists(used)) await copyFileIfNewer(given, used);
}
