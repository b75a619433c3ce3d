/** Plans a data set for both sides, and preprocesses the cases on each. */

import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { copyFileAtomically } from "../../lib/files/copy_file.ts";
import { writeDatasetJson } from "../../lib/files/dataset_file.ts";
import { writeFingerprint } from "../../lib/files/fingerprint_file.ts";
import { fileNames } from "../../lib/files/paths.ts";
import type { ConfigurationName } from "../../lib/files/plans.ts";
import { writePlans } from "../../lib/files/plans_file.ts";
import { writeSplits } from "../../lib/files/splits_file.ts";
import { Planner } from "../../lib/planner.ts";
import type { PlanningOptions } from "../../lib/planning/plan_dataset.ts";
import type { Plans } from "../../lib/plans.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import { pythonArguments } from "./training_steps.ts";
import type { Scans } from "./training_subjects.ts";

/** What to plan, and where. */
export interface SharedPlanOptions {
  readonly id: number;
  readonly scans: Scans;
  readonly channels: readonly string[];
  readonly classes: readonly string[];
  readonly configuration: ConfigurationName;
  readonly planning: PlanningOptions;
  /** Number of cases, the last ones, that fold 0 validates; by default, the rules' fold 0. */
  readonly validationCases?: number;
  /** Folder to work in. */
  readonly root: string;
  /** nnU-Net's preprocessed data sets. */
  readonly pythonPreprocessed: string;
}

/** A plan, and the request that lets nnU-Net train with it. */
export interface SharedPlan {
  readonly plans: Plans;
  readonly configuration: ConfigurationName;
  readonly job: ReturnType<typeof pythonArguments>;
}

/** Plans and preprocesses here, and lets nnU-Net preprocess with the same plan. */
export async function sharePlan(
  peer: PythonPeer,
  { id, scans, channels, classes, configuration, planning, validationCases, ...options }:
    SharedPlanOptions,
): Promise<SharedPlan> {
  const { root, pythonPreprocessed } = options;
  const dataset = await Dataset.create({
    root,
    id,
    name: "Shared",
    ...scans,
    channels,
    classes,
  });
  const plans = await new Planner(planning).plan(dataset);
  await plans.preprocess(dataset, { configurations: [configuration] });
  const job = pythonArguments({ name: configuration, plans, configuration });
  const folder = join(pythonPreprocessed, plans.plansData.datasetName);
  await writePlans(join(folder, fileNames.plans(plans.plansData.plansName)), plans.plansData);
  await writeDatasetJson(join(folder, fileNames.dataset), plans.datasetJson);
  await writeFingerprint(join(folder, fileNames.fingerprint), plans.fingerprint);
  for (const { name, label } of dataset.cases) {
    const file = `${name}${plans.datasetJson.fileEnding}`;
    await copyFileAtomically(label, join(folder, fileNames.groundTruth, file));
  }
  if (validationCases !== undefined) {
    const names = dataset.cases.map(({ name }) => name);
    const split = {
      train: names.slice(0, -validationCases),
      validation: names.slice(-validationCases),
    };
    for (const each of [plans.folder, folder]) {
      await writeSplits(join(each, fileNames.splits), [split]);
    }
  }
  await peer.ask({ command: "preprocess", ...job, id });
  return { plans, configuration, job };
}
