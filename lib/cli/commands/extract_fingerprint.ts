/** `extract_fingerprint`: reads all cases of data sets and writes what plans are based on. */

import { join } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import { datasetFolderName, fileNames } from "../../files/paths.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import {
  addDatasetsOption,
  addFingerprintOptions,
  addLoggingOptions,
  fingerprintOf,
  type FingerprintOptions,
  type LoggingOptions,
  openDataset,
} from "../planning.ts";
import { StatusLine } from "../status_line.ts";

interface Options extends FingerprintOptions, LoggingOptions {
  d: number[];
  np?: number;
  root?: string;
}

export function addExtractFingerprint(program: Command): void {
  const command = program.command("extract_fingerprint")
    .description("Read a data set's cases and write their fingerprint, from which plans are made.");
  addDatasetsOption(command);
  addFingerprintOptions(command, "--np");
  addLoggingOptions(command)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ d: ids, np: workers, root, ...options }: Options) => {
      const folders = resolveFolders(root);
      const line = new StatusLine({ quiet: options.no_pbar });
      const progress = {
        line,
        signal: interruptSignal("Stopped; no fingerprint was written"),
      };
      for (const id of ids) {
        const dataset = await openDataset(folders, id, progress, { several: ids.length > 1 });
        await fingerprintOf(dataset, { ...options, workers }, progress);
        const folder = join(folders.preprocessed, datasetFolderName(dataset.id, dataset.name));
        line.print(`Fingerprint in ${join(folder, fileNames.fingerprint)}`);
      }
    });
}
