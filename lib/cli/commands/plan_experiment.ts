/** `plan_experiment`: makes plans from fingerprints that were extracted before. */

import { join } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import type { Dataset } from "../../dataset/dataset.ts";
import { readFingerprint } from "../../files/fingerprint_file.ts";
import { datasetFolderName, fileNames } from "../../files/paths.ts";
import { shellQuoted } from "../../options/shell_quoted.ts";
import { reusableFingerprint } from "../../planning/stored_fingerprint.ts";
import { exists } from "../../platform/files.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import {
  addDatasetsOption,
  addPlanningOptions,
  openDataset,
  planFrom,
  type PlanningOptions,
} from "../planning.ts";
import { describeConfigurations } from "../preprocessing.ts";
import { StatusLine } from "../status_line.ts";

interface Options extends PlanningOptions {
  d: number[];
  root?: string;
}

export function addPlanExperiment(program: Command): void {
  const command = program.command("plan_experiment")
    .description("Make a data set's plans from its fingerprint, without preprocessing.");
  addDatasetsOption(command);
  addPlanningOptions(command)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ d: ids, root, ...options }: Options) => {
      const folders = resolveFolders(root);
      const line = new StatusLine();
      const progress = { line, signal: interruptSignal("Stopped; no plans were written") };
      for (const id of ids) {
        const dataset = await openDataset(folders, id, progress, { several: ids.length > 1 });
        const fingerprint = await storedFingerprint(dataset, root, (text) => line.print(text));
        const plans = await planFrom(dataset, fingerprint, options, progress);
        describeConfigurations(plans, Object.keys(plans.plansData.configurations), progress);
        line.print(`Plans in ${join(plans.folder, fileNames.plans(plans.plansData.plansName))}`);
      }
    });
}

/** Reads the fingerprint of an earlier run; as in nnU-Net, it counts even if it is old. */
async function storedFingerprint(
  dataset: Dataset,
  root: string | undefined,
  print: (text: string) => void,
) {
  const { id, name, folders } = dataset;
  const folder = join(folders.preprocessed, datasetFolderName(id, name));
  const path = join(folder, fileNames.fingerprint);
  const place = root === undefined ? "" : ` --root ${shellQuoted(root)}`;
  if (!await exists(path)) {
    throw new Error(
      `Cannot plan data set ${id}: found no ${path}; run deno task nnunet extract_fingerprint ` +
        `-d ${id}${place} first, or plan_and_preprocess`,
    );
  }
  const stored = await reusableFingerprint(path, dataset);
  if ("fingerprint" in stored) return stored.fingerprint;
  print(
    `Warning: ${path} ${stored.reason}; it is used nevertheless, and extract_fingerprint -d ${id}` +
      `${place} makes a new one`,
  );
  return await readFingerprint(path);
}
