/** The files that the commands under torture start from: as small as each command allows. */

import { dirname, join, relative } from "@std/path";
import { accumulateCrossvalResults } from "../../lib/ensembling/crossval_results.ts";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { writePlans } from "../../lib/files/plans_file.ts";
import { exportModels } from "../../lib/model/export_models.ts";
import { Planner } from "../../lib/planner.ts";
import type { Plans } from "../../lib/plans.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { Trainer } from "../../lib/trainer.ts";
import { goldenConversion } from "../conversion/golden_folders.ts";
import { crossvalRuns, writeCrossvalTree } from "../ensembling/crossval_tree.ts";
import { datasetJson, writeMember } from "../ensembling/member_folder.ts";
import { datasetJsonOf, goldenRuns, writeGoldenRun } from "../postprocessing/golden_run.ts";
import { writeTinyScans } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";
import { readTree, type Tree } from "./trees.ts";

/** Paths in the world. */
export const places = {
  data: "Dataset001_Tiny",
  model: "nnUNet_results/Dataset001_Tiny/nnUNetTrainer__nnUNetPlans__3d_fullres",
  v1: goldenConversion("version1"),
  decathlon: goldenConversion("decathlon"),
} as const;

/**
 * Creates the world in a temporary folder and reads it:
 *
 * - `input`, `ground_truth`: five scans of 12 × 16 × 16 voxels and their label maps,
 * - `tiff`: two of them as TIFF stacks,
 * - `nnUNet_raw`, `nnUNet_preprocessed`, `nnUNet_results`: the same as a data set with a trained
 *   and validated fold of `3d_fullres`,
 * - `members/a`, `members/b`: probabilities of three cases,
 * - `crossval`: nnU-Net's folders with the results of two models,
 * - `scored`: the same with the collected and scored results of one model,
 * - `postprocessing`: predictions with their ground truth,
 * - `model.zip`: the trained model, packed,
 * - `cascade`: plans with a cascade, and untrained models of its two stages,
 * - tasks of version 1 and of the Decathlon.
 */
export async function createWorld(): Promise<Tree> {
  const root = await Deno.makeTempDir({ prefix: "nnunet_torture_world_" });
  try {
    await writeTrained(root);
    await writeTinyScans(join(root, "tiff"), { cases: 2, ending: ".tif" });
    await writeMembers(join(root, "members"));
    await writeCrossval(join(root, "crossval"));
    const { models: [scored], groundTruth } = await writeCrossval(join(root, "scored"));
    await accumulateCrossvalResults({ model: scored, folds: [0, 1], groundTruth, workers: 1 });
    await writeForPostprocessing(join(root, "postprocessing"));
    for (const { source, inputs } of [places.v1, places.decathlon]) {
      for (const [file, content] of Object.entries(inputs)) {
        const path = join(root, source, file);
        await Deno.mkdir(dirname(path), { recursive: true });
        await Deno.writeFile(path, Uint8Array.fromBase64(content));
      }
    }
    return readTree(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function writeTrained(root: string) {
  const dataset = await Dataset.create({
    root,
    id: 1,
    name: "Tiny",
    ...await writeTinyScans(root),
    channels: ["MRI"],
    classes: ["shell", "ball"],
  });
  const plans = await new Planner({ gpuMemoryTarget: 0.05, baseFeatures: 2 }).plan(dataset);
  await plans.preprocess(dataset, { configurations: ["3d_fullres"], workers: 1 });
  const trainer = new Trainer(plans, "3d_fullres", {
    epochs: 1,
    iterations: 1,
    validationIterations: 1,
    threads: 1,
    loaders: 1,
    seed: 7,
  });
  await Array.fromAsync(trainer.fit());
  await exportModels(join(root, "model.zip"), { models: [trainer.modelFolder] });
  await writeCascade(join(root, "cascade"), plans);
}

/** Adds a cascade to the plans, whose two stages have the same grid, with untrained models. */
async function writeCascade(folder: string, { plansData, datasetJson }: Plans) {
  const fullres = plansData.configurations["3d_fullres"]!;
  const stages = [
    { ...fullres, name: "3d_lowres", nextStages: ["3d_cascade_fullres"] },
    { ...fullres, name: "3d_cascade_fullres", previousStage: "3d_lowres" },
  ] as const;
  const cascade = {
    ...plansData,
    configurations: {
      "3d_fullres": fullres,
      "3d_lowres": stages[0],
      "3d_cascade_fullres": stages[1],
    },
  };
  const preprocessed = join(folder, "nnUNet_preprocessed", places.data);
  await writePlans(join(preprocessed, "nnUNetPlans.json"), cascade);
  for (const { name: configuration } of stages) {
    const model = { plansData: cascade, datasetJson, configuration };
    await writeUntrainedModel(join(folder, "nnUNet_results"), model);
  }
}

async function writeMembers(folder: string) {
  for (const [seed, name] of ["a", "b"].entries()) {
    const member = join(folder, name);
    await Deno.mkdir(member, { recursive: true });
    const generator = createGenerator(seed);
    for (const name of ["x", "y", "z"]) {
      const values = Float32Array.from({ length: 3 * 24 }, () => generator.uniform());
      await writeMember(member, name, values, [3, 2, 3, 4]);
    }
    const json = datasetJson({ background: 0, left: 1, right: 2 });
    await Deno.writeTextFile(join(member, "dataset.json"), json);
  }
}

async function writeCrossval(folder: string) {
  const { models, groundTruth } = await writeCrossvalTree(folder, crossvalRuns[0]);
  for (const name of ["preprocessed", "results"]) {
    await Deno.rename(join(folder, name), join(folder, `nnUNet_${name}`));
  }
  const renamed = (path: string) => join(folder, `nnUNet_${relative(folder, path)}`);
  return { models: models.map(renamed), groundTruth: renamed(groundTruth) };
}

async function writeForPostprocessing(folder: string) {
  const run = goldenRuns.find(({ name }) => name === "single labels help")!;
  const { predictions } = await writeGoldenRun(folder, run);
  await Deno.writeTextFile(
    join(predictions, "dataset.json"),
    JSON.stringify(datasetJsonOf(run)),
  );
}
