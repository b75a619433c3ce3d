/** `ensemble`: the predictions of several models become one. */

import { type Command, Option } from "commander";
import { ensembleFolders } from "../../ensembling/ensemble_folders.ts";
import type { Voting } from "../../ensembling/voting.ts";
import { wholeNumber } from "../arguments.ts";
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
    .description("Merge what several models predicted, from their probabilities.")
    .requiredOption("-i <dirs...>", "folders of predictions with probabilities, one a model")
    .requiredOption("-o <dir>", "folder for the merged label maps")
    .option("--np <count>", "cases merged at once; one a processor", wholeNumber("-np", 1))
    .option("--save_npz", "write the merged probabilities as well", false)
    .addOption(votingOption())
    .option("--dataset_json <file>", "dataset.json; the one in the first folder by default")
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
      });
      line.print(`${names.length} label maps in ${o}`);
    });
}

/** How members vote. */
export function votingOption(): Option {
  return new Option("--voting <kind>", "soft averages; in hard the surest model decides")
    .choices(["soft", "hard"]).default("soft");
}
