/** Finds out which folds of a model are trained. */

import { fileNames } from "../files/paths.ts";
import { listFolderIfPresent } from "../platform/files.ts";
import { join } from "../platform/paths.ts";

/** A fold's number, or `"all"` for a training on all cases. */
export type FoldName = number | "all";

/** A fold of a model's folder. */
export interface FoldState {
  /** Its name. */
  readonly fold: FoldName;
  /** Names of its checkpoints, the most finished first. */
  readonly checkpoints: readonly string[];
}

const folderName = /^fold_(\d+|all)$/;

/** From the most to the least finished. */
const known: readonly string[] = [
  fileNames.checkpointFinal,
  fileNames.checkpointBest,
  fileNames.checkpointLatest,
];

/** Returns the fold that a folder's name stands for; undefined for other folders. */
export function foldOf(name: string): FoldName | undefined {
  const fold = folderName.exec(name)?.[1];
  return fold === undefined ? undefined : fold === "all" ? fold : Number(fold);
}

/** Lists the folds of a model's folder, by number; `"all"` is last. None if there is no folder. */
export async function foldStates(model: string): Promise<FoldState[]> {
  const states: FoldState[] = [];
  for await (const { name, isFile } of listFolderIfPresent(model)) {
    const fold = foldOf(name);
    if (fold === undefined || isFile) continue;
    const checkpoints: string[] = [];
    for await (const { name: file } of listFolderIfPresent(join(model, name))) {
      if (file.endsWith(".pth") && !file.startsWith(".")) checkpoints.push(file);
    }
    states.push({ fold, checkpoints: checkpoints.sort(byProgress) });
  }
  return states.sort((a, b) => order(a.fold) - order(b.fold));
}

/**
 * Returns the folds to average if none are chosen: the numbered ones that have the checkpoint, as
 * nnU-Net does, or the training on all cases if it is the only one.
 */
export function defaultFolds(states: readonly FoldState[], checkpoint: string): FoldName[] {
  const trained = states.filter(({ checkpoints }) => checkpoints.includes(checkpoint))
    .map(({ fold }) => fold);
  const numbered = trained.filter((fold) => fold !== "all");
  return numbered.length > 0 ? numbered : trained;
}

function order(fold: FoldName): number {
  return fold === "all" ? Infinity : fold;
}

function byProgress(a: string, b: string): number {
  const rank = (name: string) => known.includes(name) ? known.indexOf(name) : known.length;
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
