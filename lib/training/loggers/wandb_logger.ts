/** Follows a training with Weights & Biases, through runs that its client uploads. */

import { basename, join } from "../../platform/paths.ts";
import { writeFileAtomically } from "../../platform/atomic_write.ts";
import {
  appendFile,
  linkFolder,
  listFolder,
  listFolderIfPresent,
  removeIfPresent,
} from "../../platform/files.ts";
import { WandbEncoder } from "../../interop/wandb_file.ts";
import type { TrainingLog } from "../../interop/training_log.ts";
import {
  epochValues,
  type TrainingBegin,
  type TrainingLogger,
  validationValues,
} from "./training_logger.ts";

/** Options of {@link wandbLogger}. */
export interface WandbOptions {
  /** Name of the project; `nnunet` by default. */
  readonly project?: string;
  /** Further values of the run's configuration, such as the number of the job on a cluster. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Called with the run's folder, once it is known. */
  readonly onRun?: (folder: string) => void;
}

/**
 * Returns a logger that writes an offline run of Weights & Biases into the folder `wandb` of the
 * fold, with the keys of nnU-Net's own logger. `wandb sync FOLDER` uploads it, during or after the
 * training; nothing is sent by this program.
 *
 * A resumed training continues the same run, also one that Python's nnU-Net began. Its file is
 * rewritten with all epochs, so that those of a killed process are there once; a file that ends within
 * a record is readable up to there.
 *
 * @param options The project and what is stored about the run.
 * @returns The logger, for the option `loggers` of `Trainer.fit`.
 *
 * @example A run of the project `hearts`
 * ```ts ignore
 * import { wandbLogger } from "nnunet";
 *
 * const loggers = [wandbLogger({ project: "hearts", onRun: (run) => console.log("wandb sync", run) })];
 * for await (const { epoch } of trainer.fit({ loggers })) console.log(epoch);
 * ```
 */
export function wandbLogger(options: WandbOptions = {}): TrainingLogger {
  const { project = "nnunet", config = {}, onRun } = options;
  let run: { readonly path: string; readonly encoder: WandbEncoder; readonly start: number };
  return async function wandb(event) {
    if (event.event === "start") {
      const { folder, path, id } = await placeOf(event);
      const start = event.log.epochStart[0] ?? Date.now() / 1000;
      const { settings } = event;
      const encoder = new WandbEncoder({
        id,
        project,
        name: `${settings.dataset} ${settings.configuration} fold ${settings.fold}`,
        startSeconds: start,
        producer: "nnunet-ts",
      });
      run = { path, encoder, start };
      const { plans, datasetJson } = event;
      const facts = { plans, configuration: settings.configuration, fold: settings.fold };
      await writeFileAtomically(path, [
        encoder.begin({ ...facts, dataset: datasetJson, hparas: settings, ...config }),
        ...event.log.epochEnd.flatMap((_, epoch) => epochOf(encoder, event.log, epoch, start)),
      ]);
      // What was uploaded is incomplete now.
      await removeIfPresent(`${path}.synced`);
      await linkFolder(basename(folder), join(event.folder, "wandb", "latest-run"));
      onRun?.(folder);
    } else if (event.event === "epoch") {
      const { path, encoder, start } = run;
      for (const part of epochOf(encoder, event.log, event.epoch, start)) {
        await appendFile(path, part);
      }
    } else if (event.event === "validation") {
      await appendFile(run.path, run.encoder.summary(validationValues(event.scores)));
    } else {
      await appendFile(run.path, run.encoder.exit(Date.now() / 1000 - run.start));
    }
  };
}

function epochOf(
  encoder: WandbEncoder,
  log: TrainingLog,
  epoch: number,
  start: number,
): Uint8Array[] {
  const end = log.epochEnd[epoch];
  const values = epochValues(log, epoch);
  return [
    encoder.history(epoch, { ...values, _timestamp: end, _runtime: end - start }),
    encoder.summary({ ...values, current_epoch: epoch, _step: epoch }),
  ];
}

/** The run's folder, file and name: those of the fold's newest run if the training resumes. */
async function placeOf({ folder, log }: TrainingBegin) {
  const parent = join(folder, "wandb");
  const resumes = log.epochEnd.length > 0;
  const before = resumes ? await newestRun(parent) : undefined;
  if (before?.offline) {
    const run = join(parent, before.folder);
    return { folder: run, path: join(run, before.file), id: before.id };
  }
  const id = before?.id ?? newId();
  const run = join(parent, `offline-run-${localTime(new Date())}-${id}`);
  return { folder: run, path: join(run, `run-${id}.wandb`), id };
}

async function newestRun(parent: string) {
  const names: string[] = [];
  for await (const { name, isDirectory } of listFolderIfPresent(parent)) {
    if (isDirectory && /^(offline-)?run-\d{8}_\d{6}-/.test(name)) names.push(name);
  }
  const timeOf = (name: string) => name.match(/\d{8}_\d{6}/)![0];
  for (const folder of names.sort((a, b) => timeOf(a) < timeOf(b) ? 1 : -1)) {
    for await (const { name: file } of listFolder(join(parent, folder))) {
      const id = file.match(/^run-([\w-]+)\.wandb$/)?.[1];
      if (id) return { folder, file, id, offline: folder.startsWith("offline-") };
    }
  }
}

/** Eight letters and digits, as Weights & Biases names runs. */
function newId(): string {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => letters[byte % 36]).join(
    "",
  );
}

function localTime(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())];
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad);
  return `${day.join("")}_${time.join("")}`;
}
