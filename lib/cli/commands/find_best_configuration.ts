/** `find_best_configuration` and `accumulate_crossval_results`. */

import { join } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import { describeDatasets, listDatasets } from "../../dataset/list_datasets.ts";
import { accumulateCrossvalResults } from "../../ensembling/crossval_results.ts";
import { findBestConfiguration } from "../../ensembling/find_best_configuration.ts";
import { groundTruthFolder } from "../../ensembling/ground_truth.ts";
import { writeInferenceInformation } from "../../ensembling/inference_information.ts";
import type { Voting } from "../../ensembling/voting.ts";
import { formatDiceTable } from "../../evaluation/dice_table.ts";
import { foregroundOf } from "../../files/dataset_labels.ts";
import { readDatasetJson } from "../../files/dataset_file.ts";
import { fileNames, modelFolderName } from "../../files/paths.ts";
import type { Folders } from "../../files/folders.ts";
import { readPlans } from "../../files/plans_file.ts";
import { wholeNumber } from "../arguments.ts";
import { requireDatasetName } from "../dataset_names.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";
import { votingOption } from "./ensemble.ts";

interface FindOptions {
  p: string[];
  c: string[];
  tr: string[];
  f: string[];
  np?: number;
  disable_ensembling: boolean;
  no_overwrite: boolean;
  max_models?: number;
  voting: Voting;
  root?: string;
}

interface AccumulateOptions {
  c: string;
  p: string;
  tr: string;
  f: string[];
  o?: string;
  np?: number;
  root?: string;
}

const allFolds = ["0", "1", "2", "3", "4"];

export function addFindBestConfiguration(program: Command): void {
  program.command("find_best_configuration")
    .description(
      "Compare trained models and their ensembles on the folds' validation cases, and print how " +
        "to predict with the best.",
    )
    .argument("<dataset>", "name or number of the data set")
    .option("-p <plans...>", "names of plans", ["nnUNetPlans"])
    .option("-c <configurations...>", "configurations, the simplest first", [
      "2d",
      "3d_fullres",
      "3d_lowres",
      "3d_cascade_fullres",
    ])
    .option("--tr <trainers...>", "names of trainers", ["nnUNetTrainer"])
    .option("-f <folds...>", "folds to use", allFolds)
    .option(
      "--np <count>",
      "cases processed in parallel, one per core by default",
      wholeNumber("--np", 1),
    )
    .option("--disable_ensembling", "compare single models only", false)
    .option("--no_overwrite", "reuse results collected and merged before", false)
    .option(
      "--max_models <count>",
      "compare ensembles of up to this many models, 2 by default",
      wholeNumber("--max_models", 2),
    )
    .addOption(votingOption())
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (dataset: string, options: FindOptions) => {
      const folders = resolveFolders(options.root);
      const name = await resolveDataset(folders, dataset);
      const line = new StatusLine();
      const models = await availableModels(folders, name, options, (text) => line.print(text));
      const { voting } = options;
      const folds = options.f.map(wholeNumber("-f"));
      const found = await findBestConfiguration({
        models,
        groundTruth: await groundTruthFolder(folders, name),
        folds,
        maxModels: options.disable_ensembling ? 1 : options.max_models,
        voting,
        overwrite: !options.no_overwrite,
        workers: options.np,
        signal: interruptSignal("Stopped; finished cases are kept"),
        onProgress: progressBar(line, "comparing"),
      });
      const paths = await writeInferenceInformation({
        ...{ ...found, models, folds, voting },
        root: options.root,
      });
      for (const { name, score } of found.candidates) line.print(`${score.toFixed(5)}  ${name}`);
      line.print(`\n${await Deno.readTextFile(paths.instructions)}`);
      line.print(`Wrote ${paths.json}\nWrote ${paths.instructions}`);
    });
}

export function addAccumulateCrossvalResults(program: Command): void {
  program.command("accumulate_crossval_results")
    .description("Collect all folds' predictions for their validation cases and score them.")
    .argument("<dataset>", "name or number of the data set")
    .requiredOption("-c <configuration>", "2d, 3d_fullres, 3d_lowres or 3d_cascade_fullres")
    .option("-p <plans>", "name of the plans", "nnUNetPlans")
    .option("--tr <trainer>", "name of the trainer", "nnUNetTrainer")
    .option("-f <folds...>", "folds to use", allFolds)
    .option(
      "-o <dir>",
      "empty or new folder, crossval_results_folds_… in the model's folder by default",
    )
    .option(
      "--np <count>",
      "cases compared in parallel, one per core by default",
      wholeNumber("--np", 1),
    )
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (dataset: string, { c, p, tr, f, o, np, root }: AccumulateOptions) => {
      const folders = resolveFolders(root);
      const name = await resolveDataset(folders, dataset);
      if (o !== undefined) await requireEmpty(o);
      const line = new StatusLine();
      const model = join(folders.results, name, modelFolderName(tr, p, c));
      const { folder, summary } = await accumulateCrossvalResults({
        model,
        folds: f.map(wholeNumber("-f")),
        groundTruth: await groundTruthFolder(folders, name),
        output: o,
        workers: np,
        signal: interruptSignal("Stopped; finished cases are kept"),
        onProgress: progressBar(line, "evaluating"),
      });
      const { labels } = await readDatasetJson(join(folder, fileNames.dataset));
      line.print(formatDiceTable(summary, foregroundOf(labels).map(({ name }) => name)));
      line.print(`\nWrote ${folder}`);
    });
}

/** Returns the name of a data set's folder. */
async function resolveDataset(folders: Folders, nameOrId: string): Promise<string> {
  await requireDatasetName(nameOrId, folders.results);
  if (!/^\d+$/.test(nameOrId)) return nameOrId;
  for (const root of [folders.results, folders.preprocessed, folders.raw]) {
    const found = (await listDatasets(root)).find(({ id }) => id === Number(nameOrId));
    if (found) return found.folder.slice(root.length + 1);
  }
  const found = await describeDatasets(folders.results, await listDatasets(folders.results));
  throw new Error(
    `Cannot find data set ${nameOrId}: ${found}, and it is in neither ${folders.preprocessed} nor ` +
      folders.raw,
  );
}

/**
 * Returns the folders of the models to compare, in nnU-Net's order. Configurations that are not in
 * the plans, as 3d_lowres often is not, are skipped.
 *
 * @throws {Error} If a configuration in the plans is not trained.
 */
async function availableModels(
  folders: Folders,
  dataset: string,
  { tr, c, p }: FindOptions,
  print: (text: string) => void,
): Promise<string[]> {
  const models: string[] = [];
  for (const trainer of tr) {
    for (const configuration of c) {
      for (const plans of p) {
        const model = join(
          folders.results,
          dataset,
          modelFolderName(trainer, plans, configuration),
        );
        if (await Deno.stat(model).catch(() => undefined)) {
          models.push(model);
          continue;
        }
        const { configurations } = await readPlans(
          join(folders.preprocessed, dataset, fileNames.plans(plans)),
        );
        if (configuration in configurations) {
          throw new Error(
            `Cannot compare models: ${model} does not exist; train it, or choose configurations ` +
              "with -c",
          );
        }
        print(`Skipping ${configuration}: not in ${plans}`);
      }
    }
  }
  return models;
}

async function requireEmpty(folder: string) {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      throw new Error(
        `Cannot write ${folder}: it contains ${name}; pass an empty or new folder as -o`,
      );
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
