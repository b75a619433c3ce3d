/** Plans hippocampus for both sides, and preprocesses the cases on each. */

import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { copyFileAtomically } from "../../lib/files/copy_file.ts";
import { writeDatasetJson } from "../../lib/files/dataset_file.ts";
import { writeFingerprint } from "../../lib/files/fingerprint_file.ts";
import { fileNames } from "../../lib/files/paths.ts";
import { writePlans } from "../../lib/files/plans_file.ts";
import { Planner } from "../../lib/planner.ts";
import type { Plans } from "../../lib/plans.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import { pythonArguments } from "./training_steps.ts";
import type { Scans } from "./training_subjects.ts";

/** What to plan, and where. */
export interface SharedPlanOptions {
  readonly scans: Scans;
  /** Folder to work in. */
  readonly root: string;
  /** nnU-Net's preprocessed data sets. */
  readonly pythonPreprocessed: string;
  /** Feature maps of the first stage. */
  readonly baseFeatures: number;
  readonly batchSize: number;
  /** Target spacing of all axes in mm, by default the rules'. */
  readonly spacing?: number;
}

/** A plan, and the request that lets nnU-Net train with it. */
export interface SharedPlan {
  readonly plans: Plans;
  readonly job: ReturnType<typeof pythonArguments>;
}

/** The plan's configuration. */
export const SHARED_CONFIGURATION = "3d_fullres";

/** Plans and preprocesses here, and lets nnU-Net preprocess with the same plan. */
export async function sharePlan(
  peer: PythonPeer,
  { scans, root, pythonPreprocessed, baseFeatures, batchSize, spacing }: SharedPlanOptions,
): Promise<SharedPlan> {
  const configuration = SHARED_CONFIGURATION;
  const dataset = await Dataset.create({
    root,
    id: 4,
    name: "Hippocampus",
    ...scans,
    channels: ["MRI"],
    classes: ["anterior", "posterior"],
  });
  const overrides = { [configuration]: { batchSize } };
  const targetSpacing = spacing === undefined ? undefined : [spacing, spacing, spacing] as const;
  const plans = await new Planner({ baseFeatures, overrides, targetSpacing }).plan(dataset);
  await plans.preprocess(dataset, { configurations: [configuration] });
  const job = pythonArguments({ name: configuration, plans, configuration });
  const folder = join(pythonPreprocessed, plans.plansData.datasetName);
  await writePlans(join(folder, fileNames.plans(plans.plansData.plansName)), plans.plansData);
  await writeDatasetJson(join(folder, fileNames.dataset), plans.datasetJson);
  await writeFingerprint(join(folder, fileNames.fingerprint), plans.fingerprint);
  for (const { name, label } of dataset.cases) {
    await copyFileAtomically(label, join(folder, fileNames.groundTruth, `${name}.nii.gz`));
  }
  await peer.ask({ command: "preprocess", ...job, id: 4 });
  return { plans, job };
}
