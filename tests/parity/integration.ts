/**
 * `deno task parity:integration`: runs the integration test that nnunetv2's wheel carries, with our
 * commands under its names.
 *
 * The wheel's own scripts make four data sets of the hippocampus (with and without regions and an
 * ignore label), edit the plans, and choose the best configuration among all folds of all
 * configurations that we trained, predict with it and postprocess. Then ours does what the last
 * script did, from the same checkpoints. nnunetv2 sums logits in single precision for it, as we do.
 * Scores, choice, postprocessing and all label maps must be equal, voxel for voxel.
 *
 * It takes hours with all data sets. Finished steps are kept in `--folder PATH` (by default
 * `.cache/parity_integration`) and skipped when it is started again.
 *
 * `--datasets a,b` selects data sets (996, 997, 998, 999), `--cases N` the number of training cases,
 * at least one per fold (by default 10), and `--iterations N` that of steps in each of the five
 * epochs (4). `--check` fails if anything differs.
 */

import { fileURLToPath } from "node:url";
import { dirname, join, relative, resolve } from "@std/path";
import { formatDuration } from "../../lib/cli/status_line.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { NoPythonError } from "../../kernels/python_environment.ts";
import golden from "../golden/interface.json" with { type: "json" };
import { ensureNnunetPython } from "../nnunet_python.ts";
import { taskOptions } from "../task_options.ts";
import { realScansFolder, realScansMissing } from "./real_scans.ts";

const options = taskOptions(import.meta.url, {
  check: { type: "boolean", default: false },
  datasets: { type: "string", default: "996,997,998,999" },
  cases: { type: "string", default: "10" },
  iterations: { type: "string", default: "4" },
  folder: { type: "string", default: ".cache/parity_integration" },
});

const datasets = options.datasets.split(",");
const configurations = ["3d_fullres", "2d", "3d_lowres", "3d_cascade_fullres"];
const folds = ["0", "1", "2", "3", "4"];
const trainer = "nnUNetTrainer_5epochs";
/** The last script predicts with these folds. */
const usedFolds = ["0", "3"];
/** Relative difference of scores: sums are taken in another order. */
const TOLERANCE = 1e-9;

const root = resolve(options.folder);
const folders = {
  nnUNet_raw: join(root, "nnUNet_raw"),
  nnUNet_preprocessed: join(root, "nnUNet_preprocessed"),
  nnUNet_results: join(root, "nnUNet_results"),
};
const programs = join(root, "bin");
const done = join(root, "done");
const wrapper = fileURLToPath(new URL("integration.py", import.meta.url));
const main = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));

const end = (missing: string): never => {
  console.log(missing);
  console.log("parity of the integration test: not run");
  Deno.exit(options.check ? 1 : 0);
};
if (!realScansFolder) end(realScansMissing);
const python = await pythonPath();
const wheel = await wheelFolder();

interface Step {
  readonly name: string;
  run(again: boolean): Promise<void>;
}

/** Steps that take several data sets at once are done for these ones only. */
const together = datasets.join(", ");
const steps: readonly Step[] = [
  { name: "data set 4 of the hippocampus", run: createSource },
  ...["999", "998", "997", "996"].filter((id) => datasets.includes(id)).map((id) => ({
    name: `raw data set ${id}`,
    run: async () => await runScript(await scriptOf(id)),
  })),
  {
    name: `fingerprints and plans of ${together}`,
    run: () => program("plan_and_preprocess", "-d", ...datasets, "--no_pp"),
  },
  {
    name: `plans of ${together} edited by the wheel's script`,
    run: () =>
      runScript(
        join(wheel, "tests/integration_tests/add_lowres_and_cascade.py"),
        "-d",
        ...datasets,
      ),
  },
  {
    name: `preprocessing of ${together}`,
    run: () =>
      program(
        ...["preprocess", "-d", ...datasets, "-c", "2d", "3d_lowres", "3d_fullres"],
        ...["-np", "8", "8", "8"],
      ),
  },
  ...datasets.flatMap((id) => [
    ...configurations.flatMap((configuration) =>
      folds.map((fold) => ({
        name: `train ${id} ${configuration} ${fold}`,
        run: (again: boolean) =>
          program(
            ...["train", id, configuration, fold, "-tr", trainer, "--npz"],
            ...again ? ["--c"] : [],
          ),
      }))
    ),
    { name: `the wheel's last script on ${id}`, run: () => runTheirs(id) },
    { name: `the same by ours on ${id}`, run: () => runOurs(id) },
  ]),
];

await Deno.mkdir(done, { recursive: true });
await writePrograms();
const begin = performance.now();
let ran = 0;
for (const [index, { name, run }] of steps.entries()) {
  const marker = join(done, name.replaceAll(/\W+/g, "_"));
  if (await exists(`${marker}.done`)) continue;
  const seconds = (performance.now() - begin) / 1000;
  const left = ran > 0
    ? `, about ${formatDuration(seconds / ran * (steps.length - index))} left`
    : "";
  console.log(`${index + 1}/${steps.length} ${name} (${formatDuration(seconds)} so far${left})`);
  const again = await exists(`${marker}.begun`);
  await Deno.writeTextFile(`${marker}.begun`, "");
  await run(again);
  await Deno.writeTextFile(`${marker}.done`, "");
  ran++;
}

let agreed = 0;
let total = 0;
for (const id of datasets) await compare(id);
console.log(
  `parity of the integration test of nnunetv2 with data sets ${datasets.join(", ")}: ` +
    `${agreed} of ${total} files equal`,
);
Deno.exit(options.check && agreed < total ? 1 : 0);

/** Creates the data set that the wheel's scripts start from. */
async function createSource(): Promise<void> {
  const count = Number(options.cases);
  const source = join(realScansFolder!, "hippocampus");
  const names = (await Array.fromAsync(Deno.readDir(join(source, "input")), ({ name }) => name))
    .sort();
  const [training, test] = [names.slice(0, count), names.slice(count, count + 3)];
  const copies = join(root, "source");
  const copy = async (kind: string, to: string, files: readonly string[]) => {
    await Deno.mkdir(join(copies, to), { recursive: true });
    for (const name of files) {
      await Deno.copyFile(join(source, kind, name), join(copies, to, name));
    }
  };
  await copy("input", "images", training);
  await copy("ground_truth", "labels", training);
  await copy("input", "test", test);
  await own(
    ...["create_dataset", "-d", "4", "-n", "Hippocampus", "--channels", "MRI", "--overwrite"],
    ...["--images", join(copies, "images"), "--labels", join(copies, "labels")],
    ...["--test", join(copies, "test"), "--names", "background,Anterior,Posterior"],
  );
}

/** Lets the wheel's last script choose, predict and postprocess; its results are put aside. */
async function runTheirs(id: string): Promise<void> {
  const results = await resultsOf(id);
  await removeChoice(results);
  await runScript(
    join(wheel, "tests/integration_tests/run_integration_test_bestconfig_inference.py"),
    "-d",
    id,
  );
  const aside = join(root, "theirs", id);
  await Deno.remove(aside, { recursive: true }).catch(() => {});
  for (const path of await filesOfChoice(results)) {
    await Deno.mkdir(dirname(join(aside, path)), { recursive: true });
    await Deno.copyFile(join(results, path), join(aside, path));
  }
  await removeChoice(results);
}

/** Does what the wheel's last script does. */
async function runOurs(id: string): Promise<void> {
  const results = await resultsOf(id);
  await removeChoice(results);
  await program(
    ...["find_best_configuration", id, "-tr", trainer],
    ...["-c", "2d", "3d_lowres", "3d_cascade_fullres", "3d_fullres"],
  );
  const information = await readJson(join(results, "inference_information.json"));
  const best = information.best_model_or_ensemble;
  const models: readonly { readonly configuration: string }[] = best.selected_model_or_models;
  const source = join(folders.nnUNet_raw, results.slice(folders.nnUNet_results.length + 1));
  const members: string[] = [];
  for (const { configuration } of models) {
    const output = join(results, `pred_${configuration}`);
    await program(
      ...["predict", "-i", join(source, "imagesTs"), "-o", output, "-d", id, "-c", configuration],
      ...["-tr", trainer, "-f", ...usedFolds],
      ...models.length > 1 ? ["--save_probabilities"] : [],
    );
    members.push(output);
  }
  const merged = models.length > 1 ? join(results, "ensemble_predictions") : members[0];
  if (models.length > 1) await program("ensemble", "-i", ...members, "-o", merged);
  await program(
    ...["apply_postprocessing", "-i", merged],
    ...["-o", join(results, "ensemble_predictions_postprocessed")],
    ...["-pp_pkl_file", best.postprocessing_file, "-plans_json", best.some_plans_file],
    ...["-dataset_json", join(dirname(best.some_plans_file), "dataset.json")],
  );
}

/** Compares what both wrote for a data set. */
async function compare(id: string): Promise<void> {
  const [ours, theirs] = [await resultsOf(id), join(root, "theirs", id)];
  const paths = new Set([...await filesOfChoice(ours), ...await filesOfChoice(theirs)]);
  let foreground = 0;
  for (const path of [...paths].sort()) {
    total++;
    const files = [join(ours, path), join(theirs, path)];
    const there = await Promise.all(files.map(exists));
    let difference = there[0] ? there[1] ? undefined : "only ours" : "not ours";
    if (!difference && path.endsWith(".nii.gz")) {
      const [a, b] = await Promise.all(files.map((file) => readSegmentation(file)));
      let differing = 0;
      for (let i = 0; i < b.data.length; i++) {
        if (b.data[i] > 0) foreground++;
        if (b.data[i] !== a.data[i]) differing++;
      }
      if (a.data.length !== b.data.length) difference = "another shape";
      else if (differing > 0) difference = `${differing} of ${b.data.length} voxels`;
    } else if (!difference) {
      const [a, b] = await Promise.all(files.map(readJson));
      difference = differenceOf(comparable(a), comparable(b), "");
    }
    if (difference === undefined) agreed++;
    else console.log(`DIFFER  ${id} ${path}: ${difference}`);
  }
  if (foreground === 0) throw new Error(`Cannot compare: the label maps of ${id} are empty`);
  console.log(`${id}: ${paths.size} files compared`);
}

/** Sorts cases, whose order depends on workers, and drops paths and what only one side notes. */
function comparable(content: Record<string, unknown>): unknown {
  if (Array.isArray(content.metric_per_case)) {
    const cases = content.metric_per_case.map(({ prediction_file, metrics }) => ({
      name: String(prediction_file).split("/").at(-1)!,
      metrics,
    }));
    cases.sort((a, b) => a.name < b.name ? -1 : 1);
    return { ...content, metric_per_case: cases };
  }
  if (content.best_model_or_ensemble) {
    return { all_results: content.all_results, best: content.best_model_or_ensemble };
  }
  return content;
}

/** The first difference between two JSON values; undefined if there is none. */
function differenceOf(a: unknown, b: unknown, where: string): string | undefined {
  if (typeof a === "number" && typeof b === "number") {
    const isClose = Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
    return isClose ? undefined : `${where} is ${a}, theirs ${b}`;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return a === b ? undefined : `${where} is ${a}, theirs ${b}`;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const values = [a, b].map((value) => (value as Record<string, unknown>)[key]);
    const difference = differenceOf(values[0], values[1], `${where}.${key}`);
    if (difference !== undefined) return difference;
  }
}

/** The label maps and scores of a choice and its prediction, by path below a results folder. */
async function filesOfChoice(results: string): Promise<string[]> {
  const paths: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      const isCompared = name.endsWith(".nii.gz") ||
        ["summary.json", "postprocessing.json", "inference_information.json"].includes(name);
      if (isDirectory && !/^fold_|^previous_/.test(name)) await walk(path);
      else if (isCompared && !name.startsWith(".")) paths.push(relative(results, path));
    }
  };
  await walk(results);
  return paths;
}

/** Removes everything but the models with their folds. */
async function removeChoice(results: string): Promise<void> {
  for (const { name } of await Array.fromAsync(Deno.readDir(results))) {
    const path = join(results, name);
    if (!name.startsWith(`${trainer}__`)) {
      await Deno.remove(path, { recursive: true });
      continue;
    }
    for (const { name: inner } of await Array.fromAsync(Deno.readDir(path))) {
      if (inner.startsWith("crossval_results")) {
        await Deno.remove(join(path, inner), { recursive: true });
      }
    }
  }
}

/** A data set's folder of results. */
async function resultsOf(id: string): Promise<string> {
  for await (const { name } of Deno.readDir(folders.nnUNet_results)) {
    if (name.startsWith(`Dataset${id}_`)) return join(folders.nnUNet_results, name);
  }
  throw new Error(`Cannot find results of data set ${id} in ${folders.nnUNet_results}`);
}

/** The path of the wheel's script that makes a raw data set. */
async function scriptOf(id: string): Promise<string> {
  const folder = join(wheel, "dataset_conversion/datasets_for_integration_tests");
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(`Dataset${id}_`)) return join(folder, name);
  }
  throw new Error(`Cannot find the script of data set ${id} in ${folder}`);
}

/** Writes programs with nnU-Net's names, which run our commands on the CPU with few iterations. */
async function writePrograms(): Promise<void> {
  const added: Readonly<Record<string, string>> = {
    train: `--iterations ${options.iterations} --val_iterations 1 --device cpu`,
    predict: "--device cpu",
  };
  await Deno.mkdir(programs, { recursive: true });
  for (const { name } of golden.commands) {
    const program = golden.prefix + name;
    const text = `#!/bin/sh\nexec "${Deno.execPath()}" run -A --quiet --no-check "${main}" ` +
      `${program} "$@" ${added[name] ?? ""}\n`;
    await Deno.writeTextFile(join(programs, program), text, { mode: 0o755 });
  }
}

/** Runs one of the programs. */
function program(name: string, ...args: string[]): Promise<void> {
  return run(join(programs, golden.prefix + name), args);
}

/** Runs a command that nnU-Net does not have. */
function own(...args: string[]): Promise<void> {
  return run(Deno.execPath(), ["run", "-A", "--quiet", "--no-check", main, ...args]);
}

/** Runs a script of the wheel, unchanged. */
function runScript(script: string, ...args: string[]): Promise<void> {
  return run(python, [wrapper, script, ...args]);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const log = join(root, "log.txt");
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: {
      ...folders,
      PATH: `${programs}:${Deno.env.get("PATH")}`,
      nnUNet_def_n_proc: "2",
      NO_COLOR: "1",
    },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  await Deno.writeTextFile(log, `$ ${command} ${args.join(" ")}\n${text}\n`, { append: true });
  if (success) return;
  throw new Error(
    `${command} ${args.join(" ")} failed; ${log} has its output:\n${text.slice(-2000)}`,
  );
}

async function pythonPath(): Promise<string> {
  try {
    return Deno.env.get("NNUNET_TEST_PYTHON") || await ensureNnunetPython();
  } catch (error) {
    if (error instanceof NoPythonError) return end(error.message);
    throw error;
  }
}

/** The folder of the installed nnunetv2. */
async function wheelFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(python, {
    args: [
      "-c",
      "import importlib.util as u; print(u.find_spec('nnunetv2').submodule_search_locations[0])",
    ],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function readJson(path: string) {
  // JSON has no NaN, which nnU-Net writes; it must differ from null.
  return JSON.parse((await Deno.readTextFile(path)).replaceAll(/\bNaN\b/g, '"NaN"'));
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
