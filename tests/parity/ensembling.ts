/**
 * `deno task parity:ensembling`: compares nnU-Net's find_best_configuration with ours on the same
 * validation of three models, for labels and for regions. Scores, summaries, the choice, all label
 * maps of all ensembles and the postprocessing must be equal, and both sides must write the same
 * files. What nnU-Net wrote is removed before ours runs.
 *
 * `--check` fails if anything differs.
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { join, relative } from "@std/path";
import { findBestConfiguration } from "../../lib/ensembling/find_best_configuration.ts";
import { writeInferenceInformation } from "../../lib/ensembling/inference_information.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { NoPythonError } from "../../kernels/python_environment.ts";
import { ensureNnunetPython } from "../nnunet_python.ts";
import { taskOptions } from "../task_options.ts";
import { countForeground } from "./foreground.ts";

const options = taskOptions(import.meta.url, { check: { type: "boolean", default: false } });

const DATASET = "Dataset007_Golden";
const FOLDS = [0, 1, 2, 3, 4];

let agreed = 0;
let total = 0;
let theirSeconds = 0;
let ourSeconds = 0;
/** Voxels of foreground in the label maps that were read. */
let foregroundVoxels = 0;
try {
  for (const run of ["labels", "one model does best", "regions"]) await compare(run);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("parity of ensembling: no reference to compare with");
  Deno.exit(options.check ? 1 : 0);
}
console.log(
  `parity of ensembling with nnunetv2: ${agreed} of ${total} files equal; ` +
    `nnunetv2 ${theirSeconds.toFixed(1)} s, ours ${ourSeconds.toFixed(1)} s on two processes each`,
);
Deno.exit(options.check && agreed < total ? 1 : 0);

/** Lets both sides choose among the same models, and compares all files that they write. */
async function compare(run: string) {
  const root = await Deno.makeTempDir();
  try {
    const results = join(root, "results", DATASET);
    theirSeconds += await runPython(root, run);
    foregroundVoxels = 0;
    const theirs = await readAll(results);
    if (foregroundVoxels === 0) throw new Error(`Cannot compare: ${run} has no foreground`);
    await removeChoice(results);
    const models = ["2d", "3d_fullres", "3d_lowres"]
      .map((configuration) => join(results, `nnUNetTrainer__nnUNetPlans__${configuration}`));
    const begin = performance.now();
    const found = await findBestConfiguration({
      models,
      folds: FOLDS,
      groundTruth: join(root, "preprocessed", DATASET, "gt_segmentations"),
      workers: 2,
    });
    await writeInferenceInformation({ ...found, models, folds: FOLDS, voting: "soft" });
    ourSeconds += (performance.now() - begin) / 1000;
    const ours = await readAll(results);
    const paths = new Set([...theirs.keys(), ...ours.keys()]);
    for (const path of paths) {
      total++;
      const [own, their] = [ours.get(path), theirs.get(path)];
      if (own !== undefined && isDeepStrictEqual(own, their)) agreed++;
      else {
        const missing = own === undefined
          ? " (not ours)"
          : their === undefined
          ? " (only ours)"
          : "";
        console.log(`DIFFER  ${run}: ${path}${missing}`);
      }
    }
    console.log(`${run}: ${paths.size} files compared; best is ${found.best.name}`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function runPython(root: string, run: string): Promise<number> {
  const python = await ensureNnunetPython();
  const script = fileURLToPath(new URL("ensembling.py", import.meta.url));
  const child = spawn(python, [script, run], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...Deno.env.toObject(), GOLDEN_ROOT: root },
  });
  let output = "";
  for await (const piece of child.stdout!) output += piece;
  return JSON.parse(output.trim().split("\n").at(-1)!).seconds;
}

/** Removes everything but the models with their folds: what a choice writes. */
async function removeChoice(results: string): Promise<void> {
  for await (const { name } of Deno.readDir(results)) {
    const path = join(results, name);
    if (!name.startsWith("nnUNetTrainer__")) {
      await Deno.remove(path, { recursive: true });
      continue;
    }
    for await (const { name: inner } of Deno.readDir(path)) {
      if (/^fold_\d$|^(plans|dataset|dataset_fingerprint)\.json$/.test(inner)) continue;
      await Deno.remove(join(path, inner), { recursive: true });
    }
  }
  const left = await readAll(results);
  if (left.size > 0) throw new Error(`Cannot compare: ${[...left.keys()]} are left, expected none`);
}

/** The files that a choice writes, by path: label maps, and JSON without the order of cases. */
async function readAll(results: string): Promise<Map<string, unknown>> {
  const files = new Map<string, unknown>();
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory && !name.startsWith("fold_")) await walk(path);
      else if (name.endsWith(".nii.gz")) {
        files.set(relative(results, path), await readLabels(path));
      } else if (isOfChoice(name)) files.set(relative(results, path), await readSorted(path));
    }
  };
  await walk(results);
  return files;
}

/** Labels, and their geometry rounded to micrometres, in which 0 and −0 are equal. */
async function readLabels(path: string): Promise<unknown> {
  const { geometry: { shape, affine }, data } = await readSegmentation(path);
  foregroundVoxels += countForeground(data);
  return { shape, affine: affine.map((value) => Math.round(value * 1e3) + 0), data };
}

function isOfChoice(name: string): boolean {
  return ["summary.json", "postprocessing.json", "inference_information.json"].includes(name);
}

/** Sorts nnU-Net's cases, whose order depends on workers, and drops paths of a removed folder. */
async function readSorted(path: string): Promise<unknown> {
  // JSON has no NaN, which nnU-Net writes; it must differ from null.
  const content = JSON.parse((await Deno.readTextFile(path)).replaceAll(/\bNaN\b/g, '"NaN"'));
  if (!Array.isArray(content.metric_per_case)) return content;
  const cases = content.metric_per_case
    .map(({ prediction_file, ...rest }: { prediction_file: string }) => ({
      name: prediction_file.split("/").at(-1)!,
      ...rest,
    }));
  cases.sort((a: { name: string }, b: { name: string }) => a.name < b.name ? -1 : 1);
  return { ...content, metric_per_case: cases };
}
