/**
 * The tutorial: from two folders of scans to an evaluated segmentation. Run it with
 * `deno task tutorial`.
 *
 * Read it from top to bottom; each step is one or two calls of the library.
 */

import { basename, join, resolve } from "@std/path";
import { Command } from "commander";
import { generateDataset } from "../data/phantom_dataset.ts";
import {
  commaList,
  formatDuration,
  formatEpoch,
  formatInferenceProgress,
  formatTrainingProgress,
  interruptSignal,
  positiveNumber,
  progressBar,
  StatusLine,
  wholeNumber,
} from "nnunet/cli";
import {
  copyAndRename,
  Dataset,
  describeProblem,
  evaluateFolder,
  foregroundOf,
  formatDiceTable,
  imageEndingOf,
  makeFolder,
  Planner,
  Predictor,
  readImage,
  readSegmentation,
  renderComparison,
  renderCurves,
  requireIntegrity,
  Trainer,
  verifyDatasetIntegrity,
  writeSummary,
} from "nnunet";
import { phantomClasses, shortLearning, testFilesIn } from "./common.ts";

interface Options {
  data?: string;
  cases: number;
  names?: string[];
  channels: string[];
  output?: string;
  epochs: number;
  iterations: number;
  gpu_memory_target: number;
  base_features: number;
  seed: number;
  continue: boolean;
}

async function tutorial(options: Options) {
  const begin = performance.now();
  const line = new StatusLine();
  const title = (text: string) =>
    line.print(`\n── ${text}  [${formatDuration((performance.now() - begin) / 1000)}]`);
  const signal = interruptSignal(
    "Stopped. The state is kept; run the same command with --continue to resume.",
  );

  // ── Two folders of scans: yours, or generated brain-like phantoms.
  const source = resolve(options.data ?? "data");
  if (!options.data) {
    title("Generating phantoms");
    const onProgress = progressBar(line, "phantoms");
    await generateDataset({ folder: source, cases: options.cases, signal, onProgress });
  }
  const images = join(source, "input");
  const labels = join(source, "ground_truth");
  const name = options.data ? basename(source).replace(/[^A-Za-z0-9_.-]/g, "_") : "Phantoms";
  const root = resolve(options.output ?? join("data", "runs", name));

  // ── Folder set-up. Every fifth case, or the last of fewer, is reserved for testing: the trainer
  // never reads its labels.
  title("Setting up the folders");
  const testFiles = await testFilesIn(labels);

  // ── Copies and renames the scans (CASE_0000) and writes dataset.json.
  const dataset = await Dataset.create({
    root,
    id: 101,
    name,
    images,
    labels,
    channels: options.channels,
    classes: options.names?.slice(1) ?? (options.data ? undefined : phantomClasses),
    test: testFiles.map((file) => file.slice(0, -imageEndingOf(file)!.length)),
    overwrite: true,
    signal,
    onProgress: progressBar(line, "reading and copying"),
  });
  const truth = join(root, "test_labels");
  await makeFolder(truth, { overwrite: true });
  for (const file of testFiles) await copyAndRename(join(labels, file), join(truth, file));
  await printTree(line, dataset.folder);

  // ── Integrity.
  title("Checking the data set");
  const report = await verifyDatasetIntegrity(dataset, {
    signal,
    onProgress: progressBar(line, "checking"),
  });
  for (const warning of report.warnings) line.print(`Warning: ${describeProblem(warning)}`);
  requireIntegrity(dataset.folder, report);
  line.print(
    `${dataset.cases.length} training and ${dataset.testCases.length} test cases, no errors`,
  );

  // ── Fingerprint and plans. For a small memory, nnU-Net's rules plan a network for a small machine.
  title(
    `Planning for ${options.gpu_memory_target} GB and ${options.base_features} features ` +
      "(nnU-Net's defaults: 8 GB and 32)",
  );
  const planner = new Planner({
    gpuMemoryTarget: options.gpu_memory_target,
    baseFeatures: options.base_features,
  });
  const plans = await planner.plan(dataset, {
    signal,
    onProgress: progressBar(line, "fingerprint"),
  });
  const { patchSize, batchSize, spacing, architecture } = plans.configuration("3d_fullres");
  line.print(
    `patch ${patchSize.join(" × ")} voxels of ${spacing.join(" × ")} mm, batch ${batchSize}`,
  );
  line.print(
    `U-Net with ${architecture.featuresPerStage.length} stages: ${
      architecture.featuresPerStage.join(", ")
    } features`,
  );

  // ── Preprocessing.
  title("Preprocessing");
  await plans.preprocess(dataset, {
    configurations: ["3d_fullres"],
    signal,
    onProgress: progressBar(line, "preprocessing"),
  });
  line.print(`cases in ${plans.folder}`);

  // ── Training.
  // Fold 0 reserves a fifth of the cases for validation; fewer than 5 cases all train.
  const fold = dataset.cases.length < 5 ? "all" : 0;
  const { learningRate, sgd } = shortLearning;
  title(
    `Training 3d_fullres, fold ${fold}, with momentum ${sgd.momentum} and learning rate ` +
      `${learningRate} (nnU-Net's defaults: 0.99 and 0.01)`,
  );
  const trainer = new Trainer(plans, "3d_fullres", {
    fold,
    epochs: options.epochs,
    iterations: options.iterations,
    validationIterations: Math.ceil(options.iterations / 10),
    seed: options.seed,
    learningRate,
    sgd,
    // A head mirrored from top to bottom is unrealistic; by default, all axes are mirrored.
    mirrorAxes: options.data ? undefined : [2],
  });
  const epochs = trainer.fit({
    signal,
    resume: options.continue,
    onProgress: (progress) => line.show(formatTrainingProgress(progress)),
  });
  const pictures = join(root, "pictures");
  for await (const epoch of epochs) {
    line.print(formatEpoch(epoch));
    if (epoch.epoch + 1 === epoch.epochs) {
      await writePicture(join(pictures, "training.png"), await renderCurves(epoch.log));
    }
  }

  // ── Predicts the test cases with a sliding window, Gaussian weights and mirroring.
  title("Predicting the test cases");
  const predictions = join(root, "predictions");
  using predictor = await Predictor.open(trainer.folder);
  await predictor.predictFolder({
    input: join(dataset.folder, "imagesTs"),
    output: predictions,
    signal,
    onProgress: (progress) => line.show(formatInferenceProgress(progress)),
  });
  line.print(`label maps in ${predictions}`);

  // ── Evaluation.
  title("Evaluating");
  const foreground = foregroundOf(dataset.json.labels);
  const classNames = foreground.map(({ name }) => name);
  const summary = await evaluateFolder({
    groundTruth: truth,
    predictions,
    labels: foreground.map(({ value }) => value),
    fileEnding: dataset.json.fileEnding,
    signal,
  });
  await writeSummary(join(predictions, "summary.json"), summary);

  // ── Pictures.
  title("Drawing");
  const draw = progressBar(line, "pictures");
  for (const [i, { name, images }] of dataset.testCases.entries()) {
    const file = name + dataset.json.fileEnding;
    const found = summary.cases.find(({ predictionFile }) => basename(predictionFile) === file);
    const dice = found?.overlaps.map((overlap) => overlap.dice);
    const picture = await renderComparison({
      image: await readImage(images),
      truth: await readSegmentation(join(truth, file)),
      prediction: await readSegmentation(join(predictions, file)),
      classNames,
      dice,
      title: name,
    });
    await writePicture(join(pictures, `${name}.png`), picture);
    draw(i + 1, dataset.testCases.length);
  }

  title("Done");
  line.print(`data set     ${dataset.folder}`);
  line.print(`plans        ${plans.folder}`);
  line.print(`model        ${trainer.folder}`);
  line.print(`predictions  ${predictions}`);
  line.print(`pictures     ${pictures}`);
  line.print(`\n${formatDiceTable(summary, classNames)}`);
  line.print(`mean foreground Dice: ${summary.foregroundMean.dice.toFixed(4)}`);
}

/** Prints the data set's folder with a few files of each subfolder. */
async function printTree(line: StatusLine, folder: string) {
  line.print(folder);
  const entries = (await Array.fromAsync(Deno.readDir(folder))).toSorted((a, b) =>
    a.name < b.name ? -1 : 1
  );
  for (const { name, isDirectory } of entries) {
    line.print(`├── ${name}`);
    if (!isDirectory) continue;
    const files = (await Array.fromAsync(Deno.readDir(join(folder, name)))).map((f) => f.name);
    for (const file of files.toSorted().slice(0, 2)) line.print(`│   ├── ${file}`);
    if (files.length > 2) line.print(`│   └── … ${files.length} files`);
  }
}

async function writePicture(path: string, png: Uint8Array) {
  await makeFolder(join(path, ".."));
  await Deno.writeFile(path, png);
}

const program = new Command("tutorial")
  .description("From two folders of scans to an evaluated 3D segmentation.")
  .option(
    "--data <dir>",
    "folder with scans in input/ and label maps with the same names in ground_truth/, phantoms by default",
  )
  .option("--names <background,x,y>", "names of the labels 0, 1, 2, …", commaList)
  .option("--channels <name>", "name of the channel; CT is normalised as CT", commaList, ["MRI"])
  .option("--cases <n>", "number of phantoms without --data", wholeNumber("--cases", 5), 20)
  .option("--output <dir>", "folder for all results, data/runs/NAME by default")
  .option("--epochs <n>", "number of epochs", wholeNumber("--epochs", 1), 20)
  .option("--iterations <n>", "training steps per epoch", wholeNumber("--iterations", 1), 36)
  .option(
    "--gpu_memory_target <GB>",
    "GPU memory to plan for",
    positiveNumber("--gpu_memory_target"),
    0.06,
  )
  .option(
    "--base_features <n>",
    "features of the first stage",
    wholeNumber("--base_features", 1),
    8,
  )
  .option("--seed <n>", "seed of the random numbers", wholeNumber("--seed"), 0)
  .option("--continue", "resume a stopped training", false)
  .action(tutorial);

if (import.meta.main) {
  try {
    await program.parseAsync(Deno.args, { from: "user" });
    Deno.exit(0); // Listeners for Ctrl-C would keep the process alive.
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    Deno.exit(1);
  }
}
