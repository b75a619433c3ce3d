/** Writes folders of predictions with their scores. */

import { basename, dirname, join } from "../platform/paths.ts";
import { FailedCasesError } from "../dataset/failed_cases_error.ts";
import { evaluateFolder } from "../evaluation/evaluate_folder.ts";
import { scoredClasses } from "../evaluation/scored_classes.ts";
import { withPredictionsIn } from "../evaluation/summary.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import { CaseRecord } from "../files/case_record.ts";
import { copyFileAtomically } from "../files/copy_file.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { listFiles } from "../files/list_files.ts";
import { fileNames } from "../files/paths.ts";
import { readSummary, writeSummary } from "../files/summary_file.ts";
import { requestedReader } from "../image/reader.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { acquireLock } from "../platform/file_lock.ts";
import {
  createFolder,
  exists,
  fileInfo,
  remove,
  removeIfPresent,
  rename,
} from "../platform/files.ts";
import { shortHash } from "../platform/short_hash.ts";

/** Options of {@link makeScoredFolder}. */
export interface ScoredFolderOptions {
  readonly folder: string;
  /** Folder to copy `plans.json` and `dataset.json` from. */
  readonly model: string;
  readonly datasetJson: DatasetJson;
  readonly groundTruth: string;
  /** The files that each label map is made from, by the label map's name. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /**
   * Writes label maps to a folder.
   *
   * @param names Those to write.
   * @param finish To be called after each.
   */
  readonly fill: (
    folder: string,
    names: readonly string[],
    finish: (name: string) => Promise<void>,
  ) => Promise<void>;
  /**
   * Whether to replace an existing complete folder, unless it was made from the same files; true by
   * default.
   */
  readonly overwrite?: boolean;
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Fills a folder with predictions, scores them and adds `summary.json`. The folder is written
 * completely or not at all.
 *
 * The label maps are collected in a hidden folder beside it. If the process is killed, the next one
 * keeps those that were made from the same files.
 *
 * @throws {LockedError} If another process writes the folder.
 * @throws What `fill` and `evaluateFolder()` throw.
 */
export async function makeScoredFolder(options: ScoredFolderOptions): Promise<EvaluationSummary> {
  const { folder, model, datasetJson, sources, fill, overwrite = true } = options;
  const names = [...sources.keys()];
  const existing = join(folder, fileNames.summary);
  const work = join(dirname(folder), fileNames.unfinished(shortHash(basename(folder), 12)));
  await createFolder(dirname(folder), { recursive: true });
  await using _lock = await acquireLock(`${work}.lock`, { action: `write ${folder}` });
  // A run that was killed at its end leaves the hidden folder beside complete results.
  const keepExisting = async () => {
    await removeIfPresent(work, { recursive: true });
    return await readSummary(existing);
  };
  if (!overwrite && await isComplete(folder, names)) return await keepExisting();
  const from = new Map<string, string>();
  for (const name of names) from.set(name, await describeSources(name, options));
  const maker = JSON.stringify([basename(folder), datasetJson.labels]);
  const made = await CaseRecord.open(join(folder, fileNames.madeFrom), maker);
  if (made.isFinished && (await finished(made, from)).length === names.length) {
    if (await exists(existing)) return await keepExisting();
  }

  await createFolder(work, { recursive: true });
  const record = await CaseRecord.open(join(work, fileNames.madeFrom), maker);
  const kept = new Set(await finished(record, from));
  await record.keep([...kept]);
  for (const name of await listFiles(work, datasetJson.fileEnding)) {
    if (!from.has(name)) await remove(join(work, name)); // Of cases that no fold has any more.
  }
  await fill(
    work,
    names.filter((name) => !kept.has(name)),
    (name) => record.add(name, from.get(name)!, [join(work, name)]),
  );
  const summary = withPredictionsIn(await scoreOrRemove(work, options), folder);
  await record.finish();
  await writeFolderAtomically(folder, async (partial) => {
    for (const name of [...names, fileNames.madeFrom]) {
      await rename(join(work, name), join(partial, name));
    }
    await writeSummary(join(partial, fileNames.summary), summary);
    for (const name of [fileNames.resultPlans, fileNames.dataset]) {
      await copyFileAtomically(join(model, name), join(partial, name));
    }
  }, { overwrite: true });
  await remove(work, { recursive: true });
  return summary;
}

/** Scores label maps; if some cannot be scored, all are removed, since the data has to change. */
async function scoreOrRemove(
  work: string,
  options: ScoredFolderOptions,
): Promise<EvaluationSummary> {
  try {
    return await score(work, options);
  } catch (error) {
    if (error instanceof FailedCasesError) await remove(work, { recursive: true });
    throw error;
  }
}

async function score(
  predictions: string,
  { datasetJson, groundTruth, workers, signal, onProgress }: ScoredFolderOptions,
): Promise<EvaluationSummary> {
  return await evaluateFolder({
    predictions,
    groundTruth,
    fileEnding: datasetJson.fileEnding,
    reader: requestedReader(datasetJson.overwriteImageReaderWriter),
    allowMissing: true,
    ...scoredClasses(datasetJson.labels),
    workers,
    signal,
    onProgress,
  });
}

/** Returns the names of label maps that are in a record and as they were written. */
async function finished(
  record: CaseRecord,
  from: ReadonlyMap<string, string>,
): Promise<string[]> {
  const names: string[] = [];
  for (const [name, source] of from) if (await record.has(name, source)) names.push(name);
  return names;
}

/** Describes the files that a label map is made from and scored with. */
async function describeSources(
  name: string,
  { sources, groundTruth }: ScoredFolderOptions,
): Promise<string> {
  const files = [...sources.get(name)!, join(groundTruth, name)];
  return JSON.stringify(
    await Promise.all(files.map(async (path) => {
      if (!await exists(path)) return [path];
      const { size, mtime } = await fileInfo(path);
      return [path, size, mtime?.getTime()];
    })),
  );
}

/**
 * Returns whether a folder has a summary and all label maps, since cases may have been added after
 * the summary was written.
 */
async function isComplete(folder: string, names: readonly string[]): Promise<boolean> {
  for (const name of [fileNames.summary, ...names]) {
    if (!await exists(join(folder, name))) return false;
  }
  return true;
}
