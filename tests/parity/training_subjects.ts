/** The subjects of parity:training: every configuration, on hippocampus or generated scans. */

import { dirname, join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import type { DatasetJson } from "../../lib/files/dataset.ts";
import { modelFolderName } from "../../lib/files/paths.ts";
import { writeFileAtomically } from "../../lib/platform/atomic_write.ts";
import { Planner } from "../../lib/planner.ts";
import type { Configuration, ConfigurationName } from "../../lib/files/plans.ts";
import { Plans } from "../../lib/plans.ts";
import { listCases, readCase } from "../../lib/preprocessing/storage.ts";
import { writeLabelMap } from "../../lib/preprocessing/label_map_storage.ts";
import { nextStageFolder } from "../../lib/training/batches/previous_stage.ts";
import { DEFAULT_TRAINER } from "../../lib/training/trainer_variants.ts";
import { writeTinyScans } from "../tiny_scans.ts";
import { realScansFolder } from "./real_scans.ts";

/** A configuration to train, and how. */
export interface Subject {
  readonly name: string;
  readonly plans: Plans;
  readonly configuration: ConfigurationName;
  /** Folder with the previous stage's segmentations, in a cascade. */
  readonly previousStage?: { readonly folder: string; readonly labels: readonly number[] };
}

/** Folders of scans and labels. */
export interface Scans {
  readonly images: string;
  readonly labels: string;
}

/** Real hippocampus scans from the folder NNUNET_TEST_DATA, if it is set. */
export function hippocampusScans(): Scans | undefined {
  if (realScansFolder === undefined) return undefined;
  const folder = join(realScansFolder, "hippocampus");
  return { images: join(folder, "input"), labels: join(folder, "ground_truth") };
}

/** The first ten hippocampus scans, or generated ones. */
async function scansIn(root: string): Promise<Scans> {
  const real = hippocampusScans();
  if (!real) return await writeTinyScans(root, { cases: 5 });
  const [images, labels] = [join(root, "input"), join(root, "ground_truth")];
  const names = [...Deno.readDirSync(real.labels)].map(({ name }) => name).sort().slice(0, 10);
  for (const name of names) {
    const image = await Deno.readFile(join(real.images, name)).catch(() =>
      Deno.readFile(join(real.images, name.replace(".nii.gz", "_0000.nii.gz")))
    );
    await writeFileAtomically(join(images, name), image);
    await writeFileAtomically(join(labels, name), await Deno.readFile(join(real.labels, name)));
  }
  return { images, labels };
}

const small = { patchSize: [24, 32, 24], batchSize: 2 } as const;

/** Plans and preprocesses all subjects in a folder. */
export async function makeSubjects(
  root: string,
): Promise<{ subjects: Subject[]; dataset: Dataset }> {
  const dataset = await Dataset.create({
    root,
    id: 1,
    name: "Parity",
    ...await scansIn(root),
    channels: ["MRI"],
    classes: ["anterior", "posterior"],
  });
  const real = hippocampusScans() !== undefined;
  const options = {
    baseFeatures: 8,
    gpuMemoryTarget: real ? 4 : 0.05,
    overrides: real
      ? { "2d": { patchSize: [56, 40], batchSize: 32 }, "3d_fullres": small }
      : undefined,
  } as const;
  const plain = withLowres(await new Planner(options).plan(dataset));
  const residual = await new Planner({ ...options, planner: "nnUNetPlannerResEncM" }).plan(dataset);
  await plain.preprocess(dataset, { configurations: ["2d", "3d_fullres", "3d_lowres"] });
  await residual.preprocess(dataset, { configurations: ["3d_fullres"] });
  const previousStage = { folder: previousStageFolder(plain), labels: [1, 2] };
  await writePreviousStage(plain, previousStage.folder);
  const subjects: Subject[] = [
    { name: "2d", plans: plain, configuration: "2d" },
    { name: "3d_fullres", plans: plain, configuration: "3d_fullres" },
    { name: "3d_lowres", plans: plain, configuration: "3d_lowres" },
    {
      name: "3d_cascade_fullres",
      plans: plain,
      configuration: "3d_cascade_fullres",
      previousStage,
    },
    { name: "residual encoder", plans: residual, configuration: "3d_fullres" },
    {
      name: "regions",
      plans: withLabels(plain, {
        labels: { background: 0, whole: [1, 2], posterior: 2 },
        regionsClassOrder: [1, 2],
      }),
      configuration: "3d_fullres",
    },
    {
      name: "ignore label",
      plans: withLabels(plain, { labels: { background: 0, anterior: 1, ignore: 2 } }),
      configuration: "3d_fullres",
    },
  ];
  return { subjects, dataset };
}

/** Folder from which the cascade reads. */
function previousStageFolder({ folders, plansData: { datasetName, plansName } }: Plans): string {
  const model = modelFolderName(DEFAULT_TRAINER, plansName, "3d_lowres");
  return nextStageFolder(join(folders.results, datasetName, model), "3d_cascade_fullres");
}

/**
 * Adds the 3d_lowres that the rules omit for small images, at 1.5 times the spacing, and a cascade.
 */
function withLowres(plans: Plans): Plans {
  const fullres = plans.plansData.configurations["3d_fullres"]!;
  const lowres: Configuration = {
    ...fullres,
    name: "3d_lowres",
    dataIdentifier: `${plans.plansData.plansName}_3d_lowres`,
    spacing: fullres.spacing.map((mm) => 1.5 * mm),
    medianImageSize: fullres.medianImageSize.map((extent) => Math.round(extent / 1.5)),
    batchDice: false,
    nextStages: ["3d_cascade_fullres"],
  };
  const cascade: Configuration = {
    ...fullres,
    name: "3d_cascade_fullres",
    previousStage: "3d_lowres",
  };
  const configurations = {
    ...plans.plansData.configurations,
    "3d_lowres": lowres,
    "3d_cascade_fullres": cascade,
  };
  return new Plans({ ...plans, plansData: { ...plans.plansData, configurations } });
}

/** Plans with other labels and a separate results folder. */
function withLabels(
  plans: Plans,
  labels: Pick<DatasetJson, "labels" | "regionsClassOrder">,
): Plans {
  const results = Deno.makeTempDirSync({ dir: dirname(plans.folders.results) });
  return new Plans({
    ...plans,
    datasetJson: { ...plans.datasetJson, ...labels },
    folders: { ...plans.folders, results },
  });
}

/** Writes the labels shifted by a voxel, to imitate the errors of a first stage. */
async function writePreviousStage(plans: Plans, folder: string): Promise<void> {
  const cases = join(plans.folder, plans.configuration("3d_fullres").dataIdentifier);
  for (const name of await listCases(cases)) {
    const { segmentation } = await readCase(cases, name);
    const { shape, data } = segmentation!;
    await writeLabelMap(folder, name, {
      shape,
      data: data.map((_, i) => Math.max(0, data[Math.max(0, i - 1)])),
    });
  }
}
