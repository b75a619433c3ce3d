/** Runs everything that makes an nnU-Net as jobs: on a cluster, or on this machine. */

import { listDatasets } from "../dataset/list_datasets.ts";
import { type Folders, foldersIn } from "../files/folders.ts";
import { fileNames } from "../files/paths.ts";
import { readSplits } from "../files/splits_file.ts";
import { ErrorWithRemedy } from "../options/error_with_remedy.ts";
import { requireKnown } from "../options/require_known.ts";
import { acquireLock } from "../platform/file_lock.ts";
import { createFolder, exists, readTextFile } from "../platform/files.ts";
import { join, resolve } from "../platform/paths.ts";
import { processorCount } from "../platform/processors.ts";
import { machine } from "../platform/machine.ts";
import { presets } from "../planning/presets.ts";
import { Plans } from "../plans.ts";
import { DEFAULT_TRAINER, trainerNames } from "../training/trainer_variants.ts";
import { engineNames } from "./engine_name.ts";
import { engines } from "./engines.ts";
import { type JobStatus, statusOf } from "./job_status.ts";
import { largePages } from "./large_pages.ts";
import { launchFiles, writeLaunchFolder } from "./launch_folder.ts";
import { containerOptions, type LauncherOptions, launcherOptions } from "./launch_options.ts";
import { type LaunchRecord, readRecord } from "./launch_record.ts";
import { type LocalOutcome, type LocalRunOptions, runLocally } from "./local_run.ts";
import { neededMemory } from "./needed_memory.ts";
import { ownOrigin } from "./origin.ts";
import { checkScans } from "./predicted_scans.ts";
import { parseMemory, parseTime, requireEnough, type Resources } from "./resources.ts";
import { type PlannedConfiguration, stagesOf } from "./stages.ts";
import { startCommand } from "./start_arguments.ts";
import {
  forgetEnded,
  type Launched,
  type LaunchPlan,
  submitRest,
  unfinishedParts,
} from "./submit_rest.ts";

/** Default resources of a job on a cluster. */
const usual = { gpus: 1, cpus: 8, memory: "32G", time: "24:00:00", graceSeconds: 300 } as const;

/**
 * All jobs of an nnU-Net: preparing the data set, training every fold of every configuration, choosing
 * the best configuration, and segmenting a folder with it.
 *
 * The state of a launch is its folder: scripts that a person can read, change and run by hand, a line
 * of state for each job, and logs. Any process that sees the folder can ask for the state, cancel the
 * jobs or submit those that are not done.
 *
 * @example All folds on Slurm
 * ```ts ignore
 * import { Launcher } from "nnunet";
 *
 * const launcher = new Launcher({ root: "nnunet", id: 4, engine: "slurm", time: "12:00:00" });
 * const { submitted } = await launcher.submit();
 * console.log(`${submitted.length} jobs`);
 * ```
 */
export class Launcher {
  /** What to launch, and how. */
  readonly options: LauncherOptions;
  readonly #folders: Folders;

  /**
   * Creates a launcher. To look after jobs that were launched before, the data set's number and the
   * folders suffice.
   *
   * @param options What to launch, and how.
   * @throws {TypeError} If an option is unknown.
   * @throws {RangeError} If there is no such scheduler.
   */
  constructor(options: LauncherOptions) {
    requireKnown(options, launcherOptions, "launch");
    const { engine, container } = options;
    if (container) requireKnown(container, containerOptions, "launch", "container");
    if (engine !== undefined && !engineNames.includes(engine)) {
      throw new RangeError(
        `Cannot launch on "${engine}": expected one of ${engineNames.join(", ")}`,
      );
    }
    this.options = options;
    const folders = options.folders ?? foldersIn(options.root);
    this.#folders = {
      raw: resolve(folders.raw),
      preprocessed: resolve(folders.preprocessed),
      results: resolve(folders.results),
    };
  }

  /**
   * Returns what would be run, without writing anything.
   *
   * @returns The stages, and what is left out.
   * @throws {RangeError} If an option is out of range, or the plans have none of the configurations.
   * @throws {Error} If there is no such data set, or nothing to segment in the folder of scans.
   */
  async plan(): Promise<LaunchPlan> {
    const { record, notices } = await this.#record();
    return { folder: record.folder, stages: record.stages, leftOut: record.leftOut, notices };
  }

  /**
   * Writes the folder with scripts and the list of jobs, and submits nothing.
   *
   * @returns What is in the folder.
   * @throws As {@link Launcher.submit}.
   */
  async write(): Promise<LaunchPlan> {
    const { record, notices } = await this.#record();
    const engine = engines[record.engine];
    engine.requireSound?.(record);
    // Without a scheduler on this machine, too, unless there may be jobs to ask it for.
    await this.#requireIdle(record, { submits: false });
    const replaced = await writeLaunchFolder(record, engine, await this.#setup());
    const { folder, stages, leftOut } = record;
    return { folder, stages, leftOut, notices: [...notices, ...replaced] };
  }

  /**
   * Writes the folder and submits all jobs that are not done. On this machine, a process that outlives
   * this one runs them.
   *
   * @returns What was submitted.
   * @throws {RangeError} If an option is out of range, or the plans have none of the configurations.
   * @throws {LockedError} If another process submits the launch's jobs at the same time.
   * @throws {Error} If there is no such data set or scheduler, jobs of the launch wait or run, or there
   * is nothing to segment in the folder of scans.
   *
   * @example Two folds of one configuration, one after the other, on this machine
   * ```ts ignore
   * await new Launcher({ root: "nnunet", id: 4, configurations: ["2d"], folds: [0, 1] }).submit();
   * ```
   */
  async submit(): Promise<Launched> {
    const { record, notices } = await this.#record();
    const engine = engines[record.engine];
    engine.requireSound?.(record);
    await engine.requireUsable(record);
    const setup = await this.#setup();
    await using _ = await lockSubmission(record);
    await this.#requireIdle(record, { submits: true });
    const replaced = await writeLaunchFolder(record, engine, setup);
    return await submitRest(record, engine, [...notices, ...replaced]);
  }

  /**
   * Submits the jobs of an earlier launch that are not done, with its options and scripts.
   *
   * @returns What was submitted.
   * @throws {LockedError} If another process submits the launch's jobs at the same time.
   * @throws {Error} If nothing was launched, or jobs of the launch wait or run.
   */
  async retry(): Promise<Launched> {
    const record = await this.#requireRecord();
    const engine = engines[record.engine];
    engine.requireSound?.(record);
    await engine.requireUsable(record);
    await using _ = await lockSubmission(record);
    await this.#requireIdle(record, { submits: true });
    return await submitRest(record, engine, []);
  }

  /**
   * Runs the jobs of a launch that was written, in this process's time: returns when they have ended.
   *
   * @param options How to watch and stop the jobs.
   * @returns What became of the jobs.
   * @throws {LockedError} If another process runs them.
   * @throws The signal's reason if it is aborted, once all jobs have saved their state.
   */
  async run(options: LocalRunOptions = {}): Promise<LocalOutcome> {
    const record = await this.#requireRecord();
    await forgetEnded(record, await unfinishedParts(record));
    return await runLocally(record, options);
  }

  /**
   * Returns how the jobs of a launch are, wherever they run.
   *
   * @returns One status per job, in the order of the stages.
   * @throws {Error} If nothing was launched, or the scheduler does not answer.
   */
  async status(): Promise<JobStatus[]> {
    const record = await this.#requireRecord();
    return await statusOf(record, await engines[record.engine].states(record));
  }

  /**
   * Ends the jobs of a launch, which save their state, and takes those that wait from the queue.
   *
   * @returns What was done, in a sentence.
   * @throws {Error} If nothing was launched, or the scheduler does not answer.
   */
  async cancel(): Promise<string> {
    const record = await this.#requireRecord();
    return await engines[record.engine].cancel(record);
  }

  /**
   * Returns what a job has printed, in all its attempts.
   *
   * @param job The job's name, such as `train_2d_0`.
   * @returns The text.
   * @throws {RangeError} If there is no such job.
   * @throws {Error} If nothing was launched, or the job has not begun.
   */
  async log(job: string): Promise<string> {
    const { folder, stages } = await this.#requireRecord();
    const names = stages.flatMap(({ jobs }) => jobs.map(({ name }) => name));
    if (!names.includes(job)) {
      throw new RangeError(`Cannot find a job "${job}": expected one of ${names.join(", ")}`);
    }
    const path = join(folder, "logs", `${job}.txt`);
    if (!await exists(path)) throw new Error(`Cannot read ${path}: ${job} has not begun`);
    return await readTextFile(path);
  }

  /**
   * Returns the files that {@link Launcher.write} would write.
   *
   * @returns Their texts, by their names.
   * @throws As {@link Launcher.plan}.
   */
  async files(): Promise<Record<string, string>> {
    const { record } = await this.#record();
    return launchFiles(record, engines[record.engine]);
  }

  /**
   * Returns the launch's folder, whether it exists or not.
   *
   * @returns Its path.
   * @throws {Error} If there is no such data set.
   */
  async folder(): Promise<string> {
    return this.#folderOf(await this.#dataset());
  }

  #folderOf(dataset: string): string {
    const { folder } = this.options;
    return folder === undefined ? join(this.#folders.results, dataset, "launch") : resolve(folder);
  }

  async #setup(): Promise<string | undefined> {
    const { setup } = this.options;
    return setup === undefined ? undefined : await readTextFile(setup);
  }

  /** Returns the name of the data set's folder. */
  async #dataset(): Promise<string> {
    const { id } = this.options;
    const { raw, preprocessed, results } = this.#folders;
    for (const root of [raw, preprocessed, results]) {
      const found = (await listDatasets(root)).filter((dataset) => dataset.id === id);
      if (found.length > 1) {
        throw new Error(
          `Cannot launch data set ${id}: found ${found.map(({ folder }) => folder).join(", ")}, ` +
            "expected one folder with this number",
        );
      }
      if (found.length === 1) return found[0].folder.slice(root.length + 1);
    }
    throw new Error(
      `Cannot launch data set ${id}: it is in none of ${raw}, ${preprocessed} and ${results}`,
    );
  }

  /** Returns the path of `dataset.json`, as it was planned or else as it is; undefined if there is none. */
  async #datasetFile(dataset: string): Promise<string | undefined> {
    const { preprocessed, raw } = this.#folders;
    for (const folder of [preprocessed, raw]) {
      const path = join(folder, dataset, fileNames.dataset);
      if (await exists(path)) return path;
    }
  }

  async #requireRecord(): Promise<LaunchRecord> {
    const folder = await this.folder();
    const record = await readRecord(folder);
    if (record) return record;
    throw new ErrorWithRemedy(`Cannot find a launch in ${folder}: it has no launch.json`, "launch");
  }

  /**
   * @param submits Whether jobs are submitted next, to a scheduler that was found to answer. A launch
   * that was killed may have submitted jobs without recording them.
   * @throws {Error} If jobs of an earlier launch in the folder wait or run.
   */
  async #requireIdle(
    { folder, dataset, engine }: LaunchRecord,
    { submits }: { readonly submits: boolean },
  ): Promise<void> {
    const before = await readRecord(folder);
    if (!before) return;
    const asks = before.engine === "local" || before.submissions.length > 0 ||
      submits && before.engine === engine;
    const states = asks ? await engines[before.engine].states(before) : new Map();
    const statuses = await statusOf(before, states);
    const active = statuses.filter(({ phase }) => phase === "running" || phase === "waiting");
    if (active.length === 0) return;
    const [{ name, phase }] = active;
    throw new ErrorWithRemedy(
      `Cannot launch ${dataset}: ${active.length} of its jobs wait or run, such as ${name}, which is ` +
        phase,
      "awaitLaunch",
    );
  }

  /** Collects what is to be run, and with what. */
  async #record(): Promise<{ record: LaunchRecord; notices: readonly string[] }> {
    const { options } = this;
    const { id, engine = "local", planner, trainer = DEFAULT_TRAINER, predict } = options;
    const folders = this.#folders;
    const dataset = await this.#dataset();
    const { plansName = planner === undefined ? "nnUNetPlans" : plansNameOf(planner) } = options;
    const plansFile = join(folders.preprocessed, dataset, fileNames.plans(plansName));
    const plans = await exists(plansFile)
      ? await Plans.open({ folders, id, plansName })
      : undefined;
    if (!plans && !await exists(join(folders.raw, dataset))) {
      throw new Error(
        `Cannot launch ${dataset}: it has no ${plansFile}, and is not in ${folders.raw}`,
      );
    }
    if (!trainerNames.includes(trainer)) {
      throw new RangeError(
        `Cannot launch trainings with trainer "${trainer}": expected one of ${
          trainerNames.join(", ")
        }`,
      );
    }
    const scans = predict && { input: resolve(predict.input), output: resolve(predict.output) };
    const { stages, leftOut, added } = stagesOf({
      id,
      dataset,
      folders,
      plansName,
      planner,
      planned: plans && configurationsOf(plans),
      trainer,
      configurations: options.configurations,
      folds: options.folds ?? [0, 1, 2, 3, 4],
      splits: await splitsOf(join(folders.preprocessed, dataset, fileNames.splits)),
      trainArguments: options.trainArguments ?? [],
      predict: scans,
    });
    const unusual = scans ? await checkScans(scans, await this.#datasetFile(dataset)) : [];
    const resources = resourcesOf(options, engine === "local");
    const trained = stages.flatMap(({ name }) => /^train_(.*)$/.exec(name)?.[1] ?? []);
    requireEnough(resources, plans && neededMemory(plans, trained));
    const folder = this.#folderOf(dataset);
    const { setup, template, container } = options;
    const before = await readRecord(folder);
    const record: LaunchRecord = {
      version: 1,
      folder,
      id,
      dataset,
      plansFile,
      engine,
      program: startCommand(ownOrigin()),
      variables: {
        nnUNet_raw: folders.raw,
        nnUNet_preprocessed: folders.preprocessed,
        nnUNet_results: folders.results,
        ...machine.os === "linux" ? { [largePages.name]: largePages.value } : {},
      },
      hasSetup: setup !== undefined,
      resources,
      engineArguments: [...options.engineArguments ?? []],
      template: template === undefined ? undefined : await readTextFile(template),
      container: container && { ...container },
      stages: structuredClone(stages) as LaunchRecord["stages"],
      leftOut: [...leftOut],
      // Jobs of another scheduler are none of this one's.
      submissions: before?.engine === engine ? before.submissions : [],
    };
    return { record, notices: [...added, ...unusual] };
  }
}

/** Returns the configurations of plans, without those that cannot be used. */
function configurationsOf({ plansData }: Plans): PlannedConfiguration[] {
  return Object.values(plansData.configurations).flatMap((configuration) =>
    configuration ? [{ name: configuration.name, previousStage: configuration.previousStage }] : []
  );
}

function plansNameOf(planner: string): string {
  if (Object.hasOwn(presets, planner)) return presets[planner as keyof typeof presets].plansName;
  throw new RangeError(
    `Cannot plan with "${planner}": expected one of ${Object.keys(presets).join(", ")}`,
  );
}

async function splitsOf(path: string): Promise<number> {
  return await exists(path) ? (await readSplits(path)).length : 5;
}

function resourcesOf(options: LauncherOptions, isLocal: boolean): Resources {
  const { memory, time, maxParallel = isLocal ? 1 : undefined } = options;
  const share = Math.max(1, Math.floor(processorCount() / (maxParallel ?? 1)));
  const graceSeconds = options.graceSeconds ?? usual.graceSeconds;
  if (isLocal) {
    return {
      gpus: options.gpus ?? 0,
      cpus: options.cpus ?? share,
      memoryBytes: memory === undefined ? undefined : parseMemory(memory),
      seconds: time === undefined ? undefined : parseTime(time),
      graceSeconds,
      maxParallel,
    };
  }
  return {
    gpus: options.gpus ?? usual.gpus,
    cpus: options.cpus ?? usual.cpus,
    memoryBytes: parseMemory(memory ?? usual.memory),
    seconds: parseTime(time ?? usual.time),
    graceSeconds,
    maxParallel,
  };
}

/** Lets one process at a time submit a launch's jobs. */
async function lockSubmission({ folder, dataset }: LaunchRecord) {
  await createFolder(folder, { recursive: true });
  return await acquireLock(join(folder, ".submit.lock"), { action: `launch ${dataset}` });
}
