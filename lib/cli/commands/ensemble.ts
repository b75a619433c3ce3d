/** `ensemble`: merges the predictions of several models. */

import { type Command, Option } from "../../packages/commander.ts";
import { ensembleFolders } from "../../ensembling/ensemble_folders.ts";
import type { Voting } from "../../ensembling/voting.ts";
import { wholeNumber } from "../arguments.ts";
import { printIgnored } from "../ignored_files.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options {
  i: string[];
  o: string;
  np?: number;
  save_npz: boolean;
  voting: Voting;
  dataset_json?: string;
}

export function addEnsemble(program: Command): void {
  program.command("ensemble")
    .description("Merge the predictions of several models by their probabilities.")
    .requiredOption("-i <dirs...>", "folders of predictions with probabilities, one per model")
    .requiredOption("-o <dir>", "folder for the merged label maps")
    .option(
      "--np <count>",
      "cases merged in parallel, one per core by default",
      wholeNumber("--np", 1),
    )
    .option("--save_npz", "also write the merged probabilities", false)
    .addOption(votingOption())
    .option("--dataset_json <file>", "path of dataset.json, by default that in the first folder")
    .action(async ({ i, o, np, save_npz, voting, dataset_json }: Options) => {
      const line = new StatusLine();
      const names = await ensembleFolders({
        members: i,
        output: o,
        saveProbabilities: save_npz,
        voting,
        datasetFile: dataset_json,
        workers: np,
        signal: interruptSignal("Stopped; finished cases are kept"),
        onProgress: progressBar(line, "merging"),
        onIgnored: (ignored) => printIgnored(line, ignored),
      });
      line.print(`${names.length} label maps in ${o}`);
    });
}

/** Returns the option for how members of an ensemble vote. */
export function votingOption(): Option {
  return new Option(
    "--voting <kind>",
    "soft averages probabilities; hard counts the models' classes, and ties go to the larger mean; " +
      "max takes the most confident model's class",
  )
    .choices(["soft", "hard", "max"]).default("soft");
}
