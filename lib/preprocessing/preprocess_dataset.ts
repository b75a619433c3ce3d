/** Preprocesses the cases of a data set in parallel, skipping those that are up to date. */

import { basename, dirname, join } from "../platform/paths.ts";
import type { Zyx } from "../array/nd_array.ts";
import type { AnyCase } from "../dataset/case.ts";
import type { CaseError } from "../dataset/case_error.ts";
import { caseError } from "../dataset/failed_cases_error.ts";
import { runCases } from "../dataset/run_cases.ts";
import { filesOf } from "../image/image_files.ts";
import { readGrid } from "../image/read_grid.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { createStopFlag } from "../runtime/stop_flag.ts";
import { removeOtherCases } from "./case_files.ts";
import type { LocatedClass } from "./class_locations.ts";
import {
  preprocessingBytes,
  type PreprocessingNeeds,
  workersThatFit,
} from "../memory/preprocessing_memory.ts";
import type { PreprocessApi, PreprocessedGrid, PreprocessJob } from "./preprocess_worker.ts";
import { METHOD, recipeFingerprint } from "./recipe.ts";
import { plannedGrid } from "./resampling_rules.ts";
import { storedFingerprint } from "./stored_parts.ts";
import { acquireLock } from "../platform/file_lock.ts";
import { createFolder, exists, fileInfo } from "../platform/files.ts";
import { workerAddress } from "../platform/workers.ts";
import { processorCount } from "../platform/processors.ts";
import { sha256 } from "../platform/sha256.ts";

/** Cases to preprocess, how, and the folder to write to. */
export interface PreprocessDatasetOptions {
  readonly cases: readonly AnyCase[];
  readonly plansData: PlansData;
  readonly configuration: Configuration;
  /** Labels or regions to store locations of; see {@link classesToLocate}. */
  readonly labels: readonly LocatedClass[];
  /** Labels that label maps may have; any by default. */
  readonly allowedLabels?: readonly number[];
  /** Folder that the preprocessed cases are written to. */
  readonly folder: string;
  /** Cases processed at once; by default one per processor. Each holds a whole scan in memory. */
  readonly workers?: number;
  /**
   * Bytes that all workers together may use; fewer workers are started if their cases need more.
   */
  readonly memoryLimitBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with each case that is written. */
  readonly onCase?: (grid: PreprocessedGrid) => void;
}

/**
 * Preprocesses cases in workers and writes them to a folder.
 *
 * Existing cases are kept if they were made with the same plan from the same files, compared by
 * path, size and modification time. Cases that are not among those given are removed, except if
 * none is given, because the data set's disk may not be mounted. After an abort or an error,
 * finished cases stay.
 *
 * @throws {MemoryError} If a single case needs more than the memory limit, before any work is done.
 * @throws {FailedCasesError} If cases fail, after the others are done.
 * @throws {LockedError} If another run writes cases to the folder.
 * @throws The signal's reason if it is aborted.
 */
export async function preprocessDataset(options: PreprocessDatasetOptions): Promise<void> {
  const { cases, folder, signal, onProgress, onCase } = options;
  signal?.throwIfAborted();
  const jobs: PreprocessJob[] = [];
  const kept: string[] = [];
  const failures: CaseError[] = [];
  for (const files of cases) {
    try {
      const job = await jobOf(files, options);
      if (await storedFingerprint(folder, job.name) !== job.fingerprint) jobs.push(job);
      else kept.push(job.name);
    } catch (error) {
      failures.push(caseError(files.name, "preprocess", error));
    }
  }
  // Nothing is locked where nothing is to be done, since such a folder may be read-only. The lock of
  // a run that was killed is taken over.
  await using lock = jobs.length > 0 || await exists(lockOf(folder))
    ? await lockFolder(folder)
    : undefined;
  const within = signal && lock ? AbortSignal.any([signal, lock.lost]) : signal ?? lock?.lost;
  let done = kept.length;
  onProgress?.(done, cases.length);
  const workers = await affordableWorkers(jobs, options);
  if (cases.length > 0) await removeOtherCases(folder, new Set(cases.map(({ name }) => name)));
  const threads = Math.max(1, Math.floor(processorCount() / workers));
  // Terminating a worker while ONNX Runtime computes would free memory that it still uses.
  const stopFlag = createStopFlag();
  const unreported: PreprocessedGrid[] = [];
  await runCases<PreprocessApi, PreprocessJob>(
    workerAddress("./preprocess_worker.ts", import.meta),
    jobs.map((job) => ({ ...job, threads })),
    async (worker, job) => {
      unreported.push(await worker.call("preprocess", [job, stopFlag]));
    },
    {
      action: "preprocess",
      ...{ kept, failures, workers, signal: within, stopFlag },
      // What callbacks throw here ends the work; above, it would count as a failure of the case.
      onDone() {
        for (const grid of unreported.splice(0)) onCase?.(grid);
        onProgress?.(++done, cases.length);
      },
    },
  );
}

/** Path of the lock that a run holds which writes cases to a folder. */
function lockOf(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.lock`);
}

async function lockFolder(folder: string) {
  await createFolder(dirname(folder), { recursive: true });
  return await acquireLock(lockOf(folder), { action: `preprocess ${folder}` });
}

/** The requested number of workers, limited by the number of jobs and by memory. */
async function affordableWorkers(
  jobs: readonly PreprocessJob[],
  { workers = processorCount(), memoryLimitBytes }: PreprocessDatasetOptions,
): Promise<number> {
  const wanted = Math.max(1, Math.min(workers, jobs.length));
  if (memoryLimitBytes === undefined) return wanted;
  const needs: PreprocessingNeeds[] = [];
  for (const job of jobs) needs.push({ name: job.name, bytes: await peakBytesOf(job) });
  return workersThatFit(needs, wanted, memoryLimitBytes);
}

/** Estimates a case's peak memory from the header of its first file. */
async function peakBytesOf(
  { images, reader, plansData, configuration }: PreprocessJob,
): Promise<number> {
  try {
    const { geometry, channels } = await readGrid(images[0], { reader });
    const [a, b, c] = plansData.transposeForward;
    const inPlanOrder = (axes: Zyx): Zyx => [axes[a], axes[b], axes[c]];
    const shape = inPlanOrder(geometry.shape);
    const spacing = inPlanOrder(geometry.spacing);
    const resampled = plannedGrid(configuration, shape, spacing).shape;
    return preprocessingBytes(channels * images.length, shape, resampled);
  } catch {
    return 0; // Preprocessing the case reports what is wrong with it.
  }
}

async function jobOf(
  { name, images, label }: AnyCase,
  { plansData, configuration, labels, allowedLabels, folder }: PreprocessDatasetOptions,
): Promise<PreprocessJob> {
  // Only what preprocessing depends on: a change of the patch size does not invalidate cases.
  const recipe = {
    plansData: {
      transposeForward: plansData.transposeForward,
      intensityProperties: plansData.intensityProperties,
    },
    configuration: {
      spacing: configuration.spacing,
      normalizationSchemes: configuration.normalizationSchemes,
      useMaskForNorm: configuration.useMaskForNorm,
      // Absent in most plans, which keeps the fingerprints of cases that were preprocessed earlier.
      resampling: configuration.resampling,
    },
    labels,
  };
  const files = [];
  for (const path of label === undefined ? images : [...images, label]) {
    files.push(...await describeFiles(path));
  }
  // The keys' names count, too: cases that were preprocessed earlier stay valid.
  const { plansData: plans, ...rest } = recipe;
  const inputs = JSON.stringify({
    method: METHOD,
    reader: plansData.imageReaderWriter,
    recipe: { plans, ...rest },
    files,
    label: !!label,
  });
  const fingerprint = (await sha256(new TextEncoder().encode(inputs))).toHex();
  const reader = plansData.imageReaderWriter;
  return {
    ...{ name, images, label, folder, fingerprint, reader, allowedLabels },
    recipe: await recipeFingerprint({ plansData, configuration }),
    ...recipe,
  };
}

/** Path, size and modification time of every file that is read for an image. */
async function describeFiles(image: string) {
  return await Promise.all((await filesOf(image)).map(async (path) => {
    const { size, mtime } = await fileInfo(path);
    return { path, size, mtime: mtime?.getTime() };
  }));
}
