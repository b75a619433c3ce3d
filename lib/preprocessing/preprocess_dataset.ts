/** Preprocessing of many cases, several at once, resumable. */

import type { Zyx } from "../array/nd_array.ts";
import { filesOf } from "../image/registry.ts";
import { readGrid } from "../image/read_grid.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { createStopFlag } from "../runtime/stop_flag.ts";
import { runInWorkers } from "../runtime/worker_pool.ts";
import { removeOtherCases } from "./case_files.ts";
import type { LocatedClass } from "./class_locations.ts";
import {
  preprocessingBytes,
  type PreprocessingNeeds,
  workersThatFit,
} from "../memory/preprocessing_memory.ts";
import type { PreprocessApi, PreprocessJob } from "./preprocess_worker.ts";
import { resampledShape, resampledSpacing } from "./resampling_rules.ts";
import { storedFingerprint } from "./storage.ts";
import { fileInfo } from "../platform/files.ts";
import { workerAddress } from "../platform/workers.ts";
import { processorCount } from "../platform/processors.ts";
import { sha256 } from "../platform/sha256.ts";

/** A case's files. */
export interface CaseFiles {
  readonly name: string;
  /** One file a channel, in the order of the channels. */
  readonly images: readonly string[];
  /** Ground truth, if there is any. */
  readonly label?: string;
}

/** What to preprocess, how and where to. */
export interface PreprocessDatasetOptions {
  readonly cases: readonly CaseFiles[];
  readonly plans: PlansData;
  readonly configuration: Configuration;
  /** Labels or regions to remember locations of, see {@link classesToLocate}. */
  readonly labels: readonly LocatedClass[];
  /** Where the cases go. */
  readonly folder: string;
  /** Cases worked on at once; by default one a processor. Each holds a whole scan in memory. */
  readonly workers?: number;
  /** Bytes that all workers may take together; they become fewer until their cases fit. */
  readonly memoryLimitBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Raised when preprocessing changes its results, so that cases are made again. */
const METHOD = 3;

/**
 * Preprocesses cases in workers and writes them to a folder.
 *
 * Cases already there are kept if they were made from the same files (judged by name, size and time
 * of change) with the same plan. Cases that are not among the given ones are removed, unless none
 * is given: the data set may lie on a disk that is missing. After an abort or an error, finished
 * cases stay.
 *
 * @throws {MemoryError} If a case alone needs more than the memory limit, before any work is done.
 * @throws {Error} If a case fails; the message names it, `cause` is the reason.
 * @throws The signal's reason, if it is aborted.
 */
export async function preprocessDataset(options: PreprocessDatasetOptions): Promise<void> {
  const { cases, folder, signal, onProgress } = options;
  signal?.throwIfAborted();
  const jobs: PreprocessJob[] = [];
  for (const files of cases) {
    const job = await jobOf(files, options);
    if (await storedFingerprint(folder, job.name) !== job.fingerprint) jobs.push(job);
  }
  let done = cases.length - jobs.length;
  onProgress?.(done, cases.length);
  const workers = await affordableWorkers(jobs, options);
  if (cases.length > 0) await removeOtherCases(folder, new Set(cases.map(({ name }) => name)));
  const threads = Math.max(1, Math.floor(processorCount() / workers));
  // Ending a worker in the middle of ONNX Runtime's work would pull memory from under it.
  const stopFlag = createStopFlag();
  await runInWorkers<PreprocessApi, PreprocessJob>(
    workerAddress("./preprocess_worker.ts", import.meta),
    jobs.map((job) => ({ ...job, threads })),
    async (worker, job) => {
      try {
        await worker.call("preprocess", [job, stopFlag]);
      } catch (cause) {
        throw new Error(`Cannot preprocess "${job.name}": ${(cause as Error).message}`, { cause });
      }
      onProgress?.(++done, cases.length);
    },
    { workers, signal, stopFlag },
  );
}

/** As many workers as wanted, limited by the number of jobs and by memory. */
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

/** A case's peak memory, judging by the header of its first file. */
async function peakBytesOf(
  { name, images, plans, configuration }: PreprocessJob,
): Promise<number> {
  try {
    const { geometry, channels } = await readGrid(images[0]);
    const [a, b, c] = plans.transposeForward;
    const inPlanOrder = (axes: Zyx): Zyx => [axes[a], axes[b], axes[c]];
    const shape = inPlanOrder(geometry.shape);
    const spacing = inPlanOrder(geometry.spacing);
    const resampled = resampledShape(
      shape,
      spacing,
      resampledSpacing(configuration.spacing, spacing),
    );
    return preprocessingBytes(channels * images.length, shape, resampled);
  } catch (cause) {
    throw new Error(`Cannot preprocess "${name}": ${(cause as Error).message}`, { cause });
  }
}

async function jobOf(
  { name, images, label }: CaseFiles,
  { plans, configuration, labels, folder }: PreprocessDatasetOptions,
): Promise<PreprocessJob> {
  // Nothing but what preprocessing depends on: another patch size leaves cases as they are.
  const recipe = {
    plans: {
      transposeForward: plans.transposeForward,
      intensityProperties: plans.intensityProperties,
    },
    configuration: {
      spacing: configuration.spacing,
      normalizationSchemes: configuration.normalizationSchemes,
      useMaskForNorm: configuration.useMaskForNorm,
    },
    labels,
  };
  const files = [];
  for (const path of label === undefined ? images : [...images, label]) {
    files.push(...await describeFiles(name, path));
  }
  const inputs = JSON.stringify({ method: METHOD, recipe, files, label: !!label });
  const fingerprint = (await sha256(new TextEncoder().encode(inputs))).toHex();
  return { name, images, label, folder, fingerprint, ...recipe };
}

/** Everything that is read for an image, as it would show a change. */
async function describeFiles(name: string, image: string) {
  try {
    return await Promise.all((await filesOf(image)).map(async (path) => {
      const { size, mtime } = await fileInfo(path);
      return { path, size, mtime: mtime?.getTime() };
    }));
  } catch (cause) {
    throw new Error(`Cannot preprocess "${name}": ${(cause as Error).message}`, { cause });
  }
}
