/** Writes a data set of phantoms, in workers. */

import type { Zyx } from "../lib/array/nd_array.ts";
import { writeJsonAtomically } from "../lib/platform/atomic_write.ts";
import { fileInfo, isNotFound, readTextFile, removeIfPresent } from "../lib/platform/files.ts";
import { join } from "../lib/platform/paths.ts";
import { workerAddress } from "../lib/platform/workers.ts";
import { Remote } from "../lib/runtime/remote.ts";
import { checkPhantomOptions, type PhantomOptions } from "./phantom.ts";
import type { PhantomApi } from "./phantom_worker.ts";

/** Options of {@link generateDataset}. */
export interface DatasetOptions {
  /** Output folder for `input/NAME.nii.gz`, `ground_truth/NAME.nii.gz` and `phantoms.json`. */
  readonly folder: string;
  /** Number of subjects, 20 by default. */
  readonly cases?: number;
  /** Seed of the data set, 1 by default. A subject does not depend on the number of cases. */
  readonly seed?: number;
  /** Millimetres between voxel centres, (z, y, x); 1 mm by default. */
  readonly spacing?: Zyx;
  /** See {@link PhantomOptions}; 1 by default. */
  readonly difficulty?: number;
  /** Number of phantoms generated in parallel, each in its own thread; 2 by default. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The content of `phantoms.json`: the options that the folder's files were generated from. */
interface DatasetRecord {
  /** Incremented whenever the same options give different voxels. */
  readonly version: number;
  readonly seed: number;
  readonly spacing: Zyx;
  readonly difficulty: number;
  readonly cases: readonly string[];
}

const version = 1;

/**
 * Writes a data set of phantoms, keeping existing subjects from the same options.
 *
 * Afterwards, the folder contains exactly the requested subjects: others from an earlier call are
 * removed. An aborted call finishes subjects in progress, and the next call resumes.
 *
 * @returns The names of the cases, `phantom_01`, `phantom_02`, ….
 * @throws {RangeError} If an option is out of range.
 * @throws The signal's reason, if it is aborted.
 */
export async function generateDataset(options: DatasetOptions): Promise<string[]> {
  const { folder, seed = 1, spacing = [1, 1, 1], difficulty = 1, signal, onProgress } = options;
  const total = positiveInteger("cases", options.cases ?? 20);
  const threads = positiveInteger("workers", options.workers ?? 2);
  const cases = Array.from({ length: total }, (_, i) => `phantom_${`${i + 1}`.padStart(2, "0")}`);
  checkPhantomOptions({ seed, spacing, difficulty }); // Before anything is removed.
  signal?.throwIfAborted();

  const record: DatasetRecord = { version, seed, spacing, difficulty, cases };
  await removeStale(folder, record);
  await writeJsonAtomically(recordPath(folder), record);

  const queue: number[] = [];
  for (let i = 0; i < total; i++) if (!await hasCase(folder, cases[i])) queue.push(i);
  let done = total - queue.length;
  onProgress?.(done, total);

  const work = async () => {
    const worker = await Remote.connect<PhantomApi>(
      workerAddress("./phantom_worker.ts", import.meta),
    );
    try {
      for (let i = queue.shift(); i !== undefined; i = queue.shift()) {
        signal?.throwIfAborted();
        const phantom: PhantomOptions = { seed: subjectSeed(seed, i), spacing, difficulty };
        await worker.call("write", [phantom, ...casePaths(folder, cases[i])]);
        onProgress?.(++done, total);
      }
    } finally {
      queue.length = 0; // After a failure in any thread, no thread starts another subject.
      worker.close();
    }
  };
  const results = await Promise.allSettled(
    Array.from({ length: Math.min(threads, queue.length) }, work),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return cases;
}

/** Returns the paths of a case's image and label map. */
function casePaths(folder: string, name: string): [image: string, labels: string] {
  const file = `${name}.nii.gz`;
  return [join(folder, "input", file), join(folder, "ground_truth", file)];
}

function recordPath(folder: string): string {
  return join(folder, "phantoms.json");
}

/** Whether a case exists. Files are written atomically, so existing ones are complete. */
async function hasCase(folder: string, name: string): Promise<boolean> {
  const files = casePaths(folder, name).map((path) => fileInfo(path).catch(() => undefined));
  return (await Promise.all(files)).every((file) => file?.isFile);
}

/** Removes files that an earlier call wrote from other options or for cases not requested now. */
async function removeStale(folder: string, wanted: DatasetRecord) {
  const found = await readRecord(folder);
  const sameOptions = found !== undefined &&
    JSON.stringify({ ...found, cases: [] }) === JSON.stringify({ ...wanted, cases: [] });
  // Without a record, files with these names may be from any options.
  const stale = sameOptions
    ? found.cases.filter((name) => !wanted.cases.includes(name))
    : [...found?.cases ?? [], ...wanted.cases];
  for (const path of stale.flatMap((name) => casePaths(folder, name))) {
    await removeIfPresent(path);
  }
}

async function readRecord(folder: string): Promise<DatasetRecord | undefined> {
  try {
    const record = JSON.parse(await readTextFile(recordPath(folder)));
    return Array.isArray(record?.cases) ? record : undefined;
  } catch (error) {
    if (isNotFound(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Mixes two numbers into 32 bits; subjects of a data set never share a seed. */
function subjectSeed(datasetSeed: number, subject: number): number {
  let bits = Math.imul(datasetSeed, 0x9e3779b1) + subject;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function positiveInteger(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(
    `Cannot generate data set: ${name} is ${value}, expected a positive integer`,
  );
}
