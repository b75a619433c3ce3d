/** What a scheduler has to do for a launch. */

import type { EngineName } from "./engine_name.ts";
import type { LaunchRecord, Submission } from "./launch_record.ts";
import type { Job, Stage } from "./stage.ts";

/** Some jobs of a stage, by their places. */
export interface StagePart {
  /** The stage. */
  readonly stage: Stage;
  /** Places of the jobs to run. */
  readonly places: readonly number[];
}

/** How a scheduler sees a job. */
export interface SchedulerState {
  /** Whether it will run, runs, or has ended. */
  readonly state: "queued" | "running" | "ended";
  /** Where it runs, why it waits or how it ended, in the scheduler's words. */
  readonly detail?: string;
}

/** A scheduler. A job is identified by the number that it gave a part of a stage, and its place. */
export interface Engine {
  /** Its name, as in options. */
  readonly name: EngineName;
  /**
   * Checks what can be judged without the scheduler, such as whether its jobs see the launch's folder.
   *
   * @throws {RangeError} If jobs of this launch cannot work.
   */
  requireSound?(record: LaunchRecord): void;
  /**
   * Checks that the scheduler is there.
   *
   * @throws {Error} If it cannot be used; the message says what was looked for.
   */
  requireUsable(record: LaunchRecord): Promise<void>;
  /** Words that start `nnunet` in a job, if they are not those that start this program. */
  program?(record: LaunchRecord): readonly string[];
  /** Lines for the scheduler at the start of a stage's script. */
  header(stage: Stage, record: LaunchRecord): string[];
  /** Environment variables whose values the job's shell works out, such as how many processors it has. */
  variables(record: LaunchRecord): Readonly<Record<string, string>>;
  /** More files for the launch's folder, by their paths in it. */
  files?(record: LaunchRecord): Readonly<Record<string, string>>;
  /**
   * Submits jobs, which run after those that they need.
   *
   * @param parts The parts, each after those that it needs.
   * @param onSubmitted Called after each submission, to record it.
   */
  submit(
    record: LaunchRecord,
    parts: readonly StagePart[],
    onSubmitted: (submission: Submission) => Promise<void>,
  ): Promise<void>;
  /** Returns how the scheduler sees jobs that were submitted, by their names. */
  states(record: LaunchRecord): Promise<ReadonlyMap<string, SchedulerState>>;
  /**
   * Ends jobs, and takes those that wait from the queue.
   *
   * @returns What was done, in a sentence.
   */
  cancel(record: LaunchRecord): Promise<string>;
}

/** Returns all jobs of the stages that a stage needs. */
export function neededJobs({ needs }: Stage, { stages }: LaunchRecord): Job[] {
  return stages.filter(({ name }) => needs.includes(name)).flatMap(({ jobs }) => jobs);
}
