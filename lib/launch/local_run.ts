/** Runs a launch's jobs on this machine, one after another or several at a time. */

import { environmentVariable } from "../platform/environment.ts";
import { acquireLock, isStale, readLock } from "../platform/file_lock.ts";
import { processorCount } from "../platform/processors.ts";
import { type RunningProgram, signalProcess, startProgram } from "../platform/run_program.ts";
import { join } from "../platform/paths.ts";
import { isDone, type JobState, readJobState, runsHere, writeLost } from "./job_state.ts";
import type { LaunchRecord } from "./launch_record.ts";
import type { Stage } from "./stage.ts";
import { stageScriptName } from "./stage_script.ts";

/** How to watch and stop a run. */
export interface LocalRunOptions {
  /** Stops the jobs, which save their state. */
  readonly signal?: AbortSignal;
  /** Called when a job starts or ends. */
  readonly onChange?: (message: string) => void;
}

/** What became of a launch's jobs. */
export interface LocalOutcome {
  /** Names of the jobs that are done. */
  readonly done: readonly string[];
  /** Names of the jobs that failed. */
  readonly failed: readonly string[];
  /** Jobs that were stopped, or need one that failed. */
  readonly notRun: readonly string[];
}

/** Milliseconds between looks at jobs that another process has started. */
const POLL_MS = 500;

interface LocalJob {
  readonly name: string;
  readonly stage: Stage;
  readonly place: number;
  readonly needs: readonly string[];
}

/** Path of the file that the running process holds as a lock. */
export function localLockPath(folder: string): string {
  return join(folder, ".local.lock");
}

/** Returns the process that runs a launch's jobs; undefined if none does. */
export async function localRunner(folder: string) {
  const path = localLockPath(folder);
  const record = await readLock(path);
  return record && !await isStale(path, record) ? record : undefined;
}

/**
 * Runs all jobs that are not done. A job that fails ends those that need it, and no others.
 *
 * @throws {LockedError} If another process runs the launch's jobs.
 * @throws The signal's reason if it is aborted, once all jobs have saved their state.
 */
export async function runLocally(
  record: LaunchRecord,
  { signal, onChange = () => {} }: LocalRunOptions = {},
): Promise<LocalOutcome> {
  const { folder, dataset, resources } = record;
  await using lock = await acquireLock(localLockPath(folder), { action: `launch ${dataset}` });
  const within = signal ? AbortSignal.any([signal, lock.lost]) : lock.lost;
  const { maxParallel = 1 } = resources;
  const jobs = localJobs(record);
  const done = new Set<string>();
  const failed = new Set<string>();
  const stopped = new Set<string>();
  for (const { name } of jobs) if (isDone(await readJobState(folder, name))) done.add(name);
  const waiting = jobs.filter(({ name }) => !done.has(name));
  const running = new Map<string, Promise<string>>();
  const slots = Array.from({ length: maxParallel }, (_, slot) => slot);

  const start = (job: LocalJob): void => {
    const slot = slots.shift()!;
    const end = runJob(record, job, slot, within, onChange).then((state) => {
      if (isDone(state)) done.add(job.name);
      else if (state?.state === "again") waiting.unshift(job);
      else if (state?.state === "stopped") stopped.add(job.name);
      else failed.add(job.name);
      slots.unshift(slot);
      slots.sort((a, b) => a - b);
      return job.name;
    });
    running.set(job.name, end);
  };
  for (;;) {
    while (!within.aborted && slots.length > 0) {
      const next = waiting.findIndex(({ needs }) => needs.every((name) => done.has(name)));
      if (next === -1) break;
      start(waiting.splice(next, 1)[0]);
    }
    if (running.size === 0) break;
    running.delete(await Promise.race(running.values()));
  }
  if (within.aborted) throw within.reason;
  const notRun = [...stopped, ...waiting.map(({ name }) => name)];
  return { done: [...done], failed: [...failed], notRun };
}

/** Returns the jobs in the order of the stages, with the names of those that they need. */
function localJobs({ stages }: LaunchRecord): LocalJob[] {
  return stages.flatMap((stage) => {
    const needs = stages.filter(({ name }) => stage.needs.includes(name))
      .flatMap(({ jobs }) => jobs.map(({ name }) => name));
    return stage.jobs.map(({ name }, place) => ({ name, stage, place, needs }));
  });
}

/** Runs a job, or waits for the process that already does. @returns Its state at the end. */
async function runJob(
  record: LaunchRecord,
  { name, stage, place }: LocalJob,
  slot: number,
  signal: AbortSignal,
  onChange: (message: string) => void,
): Promise<JobState | undefined> {
  const { folder } = record;
  const before = await readJobState(folder, name);
  if (before && runsHere(before)) {
    onChange(`${name} runs already`);
    await untilEnded(folder, name, signal);
  } else {
    onChange(`${name} starts`);
    const script = join(folder, stageScriptName(stage));
    const child = startProgram("bash", [script, `${place}`], {
      variables: slotVariables(record, slot),
    });
    await untilTime(child, record, signal);
  }
  const state = await readJobState(folder, name);
  if (state?.state === "running") {
    // It was killed, with its script.
    await writeLost(folder, name, state, "it ended without saying why");
    onChange(`${name} failed: it ended without saying why`);
    return await readJobState(folder, name);
  }
  const ends = { done: "is done", left_out: "is left out", again: "starts again later" } as const;
  const end = ends[state?.state as keyof typeof ends] ?? state?.state ?? "did not start";
  onChange(`${name} ${end}${state?.reason ? `: ${state.reason}` : ""}`);
  return state;
}

/** Waits for a script's end; asks it to end when its time is nearly up, and when `signal` aborts. */
async function untilTime(
  child: RunningProgram,
  { resources: { seconds, graceSeconds } }: LaunchRecord,
  signal: AbortSignal,
): Promise<void> {
  const stop = () => child.signal("SIGTERM");
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const timer = seconds === undefined
    ? undefined
    : setTimeout(() => child.signal("SIGUSR1"), 1000 * Math.max(0, seconds - graceSeconds));
  try {
    await child.ended;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Waits for a job that a process which has ended had started. */
async function untilEnded(folder: string, job: string, signal: AbortSignal): Promise<void> {
  for (let asked = false;;) {
    const state = await readJobState(folder, job);
    if (!state || !runsHere(state)) return;
    if (signal.aborted && !asked) {
      asked = true;
      signalProcess(state.pid, "SIGTERM");
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Returns what a job of a slot is given: its share of the processors, and GPUs of its own. */
function slotVariables(
  { resources: { gpus, maxParallel = 1 } }: LaunchRecord,
  slot: number,
): Record<string, string> {
  const variables: Record<string, string> = {
    NNUNET_CPUS: `${Math.max(1, Math.floor(processorCount() / maxParallel))}`,
  };
  if (gpus > 0) {
    const listed = environmentVariable("CUDA_VISIBLE_DEVICES")?.split(",");
    const own = Array.from({ length: gpus }, (_, index) => slot * gpus + index);
    variables.CUDA_VISIBLE_DEVICES = own.map((index) => listed ? listed[index] : index).join(",");
  }
  return variables;
}
