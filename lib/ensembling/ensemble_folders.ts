/** Merges folders of predicted probabilities. */

import { join } from "../platform/paths.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { listFiles, listIgnored } from "../files/list_files.ts";
import { copyFileAtomically } from "../files/copy_file.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { readDatasetJson } from "../files/dataset_file.ts";
import { requireOtherFolder } from "../files/other_output.ts";
import { fileNames } from "../files/paths.ts";
import { thresholdsOf } from "../model/head_names.ts";
import { headsOf } from "../model/heads.ts";
import { ensembleCases, type MergeOptions } from "./ensemble_cases.ts";
import { exists } from "../platform/files.ts";
import { ErrorWithRemedy } from "../options/error_with_remedy.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Options of {@link ensembleFolders}. */
export interface EnsembleFoldersOptions extends MergeOptions {
  /** One folder per member, each with `CASE.npz` and `CASE.pkl`. */
  readonly members: readonly string[];
  /** Folder for the merged label maps. */
  readonly output: string;
  /** Whether to write the merged probabilities as well; false by default. */
  readonly saveProbabilities?: boolean;
  /** Path of `dataset.json`, by default that in the first member's folder. */
  readonly datasetFile?: string;
  /**
   * Merged probabilities above which a voxel gets a label or belongs to a region, by the names of
   * `dataset.json`, each between 0 and 1, as for a `Predictor`.
   */
  readonly thresholds?: Readonly<Record<string, number>>;
  /** Called with the files of the folders that are not taken, and why, if there are any. */
  readonly onIgnored?: (ignored: readonly IgnoredFile[]) => void;
}

const ensembleOptions: KnownOptions<EnsembleFoldersOptions> = {
  members: true,
  output: true,
  saveProbabilities: true,
  datasetFile: true,
  thresholds: true,
  onIgnored: true,
  voting: true,
  workers: true,
  signal: true,
  onProgress: true,
};

/**
 * Merges several models' predictions for the same scans, as nnU-Net's `ensemble_folders` does.
 *
 * The `dataset.json` and, if the first member has one, its `plans.json` are copied to the output,
 * for postprocessing.
 *
 * @param options The folders, and how to merge.
 * @returns The names of the cases.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If there is no member, members have different cases, a case differs in
 * shape or classes between members, or a threshold is not that of a label or not between 0 and 1; no
 * file is written then.
 * @throws {Error} If `output` is a member's folder, `dataset.json` is missing, or a file cannot be
 * read or written; finished cases are kept.
 * @throws The signal's reason, if it is aborted.
 *
 * @example Two models' predictions, made with `saveProbabilities`
 * ```ts ignore
 * import { ensembleFolders } from "nnunet";
 *
 * const cases = await ensembleFolders({
 *   members: ["predictions_2d", "predictions_3d_fullres"],
 *   output: "predictions_ensemble",
 * });
 * ```
 */
export async function ensembleFolders(options: EnsembleFoldersOptions): Promise<string[]> {
  requireKnown(options, ensembleOptions, "ensemble");
  const { members, output, saveProbabilities = false, thresholds, onIgnored, ...merging } = options;
  const datasetFile = options.datasetFile ?? join(members[0] ?? "", fileNames.dataset);
  const names = await commonCases(members);
  await requireOtherFolder(output, members, {
    action: `ensemble ${members.join(", ")}`,
    what: "member's predictions",
  });
  const datasetJson: DatasetJson = await readDatasetJson(datasetFile);
  const taken = [".npz", datasetJson.fileEnding];
  const others = await Promise.all(members.map((folder) => listIgnored(folder, taken)));
  if (others.flat().length > 0) onIgnored?.(others.flat());
  await ensembleCases({
    ...merging,
    heads: {
      ...headsOf(datasetJson),
      ...thresholds && { thresholds: thresholdsOf(datasetJson.labels, thresholds) },
    },
    cases: names.map((name) => ({
      name,
      members: members.map((folder) => join(folder, `${name}.npz`)),
      output: join(output, name + datasetJson.fileEnding),
      probabilities: saveProbabilities ? join(output, `${name}.npz`) : undefined,
    })),
  });
  await copyFileAtomically(datasetFile, join(output, fileNames.dataset));
  const plans = join(members[0], fileNames.resultPlans);
  if (await exists(plans)) {
    await copyFileAtomically(plans, join(output, fileNames.resultPlans));
  }
  return names;
}

/** Returns the names of the cases, which must be the same in all members. */
async function commonCases(members: readonly string[]): Promise<string[]> {
  if (members.length === 0) {
    throw new RangeError("Cannot ensemble: found no folders, expected one per member");
  }
  const cases = await Promise.all(members.map((folder) => listFiles(folder, ".npz")));
  const all = [...new Set(cases.flat())].sort();
  for (const [index, folder] of members.entries()) {
    const missing = all.filter((name) => !cases[index].includes(name));
    if (missing.length > 0) {
      throw new RangeError(
        `Cannot ensemble ${members.join(", ")}: ${missing[0]} is not in ${folder}, expected ` +
          "the same files in all folders",
      );
    }
  }
  if (all.length === 0) {
    throw new ErrorWithRemedy(
      `Cannot ensemble ${members.join(", ")}: found no .npz files`,
      "predictWithProbabilities",
    );
  }
  return all.map((name) => name.slice(0, -".npz".length));
}
