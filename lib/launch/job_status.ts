/** Joins what a job's script, its scheduler and its training say about the job. */

import { readTrainingLog, type StreamedLog } from "../training/read_log.ts";
import type { SchedulerState } from "./engine.ts";
import { type JobState, readJobState, runsHere } from "./job_state.ts";
import type { LaunchRecord } from "./launch_record.ts";
import type { Job } from "./stage.ts";

/** States of a job. */
export type JobPhase =
  /** It was not submitted, or taken from the queue. */
  | "not submitted"
  | "waiting"
  | "running"
  | "done"
  | "left out"
  | "failed"
  /** It was asked to end, and its state is saved. */
  | "stopped";

/** How a job is. */
export interface JobStatus {
  /** The job's name. */
  readonly name: string;
  /** The stage's name. */
  readonly stage: string;
  /** Whether it waits, runs, or how it ended. */
  readonly phase: JobPhase;
  /** Why it waits, failed or was left out; where it runs. */
  readonly detail: string;
  /** Number of its attempts so far. */
  readonly attempts: number;
  /** Seconds of its current or last attempt; undefined if it has not run. */
  readonly seconds?: number;
  /** How far its training is; undefined for other jobs and before the training begins. */
  readonly training?: StreamedLog;
}

/** Returns how all jobs are. */
export async function statusOf(
  record: LaunchRecord,
  states: ReadonlyMap<string, SchedulerState>,
): Promise<JobStatus[]> {
  const submitted = new Set(record.submissions.flatMap(({ stage: name, places }) => {
    const jobs = record.stages.find((stage) => stage.name === name)?.jobs ?? [];
    return places.map((place) => jobs[place]?.name);
  }));
  const statuses: JobStatus[] = [];
  for (const stage of record.stages) {
    for (const job of stage.jobs) {
      const state = await readJobState(record.folder, job.name);
      statuses.push({
        name: job.name,
        stage: stage.name,
        ...phaseOf(state, states.get(job.name), submitted.has(job.name)),
        attempts: state?.attempt ?? 0,
        seconds: state && secondsOf(state),
        training: await trainingOf(job),
      });
    }
  }
  return statuses;
}

/** Returns a job's phase, and what there is to say about it. */
export function phaseOf(
  state: JobState | undefined,
  scheduler: SchedulerState | undefined,
  wasSubmitted: boolean,
): Pick<JobStatus, "phase" | "detail"> {
  const { state: found, reason = "", host = "" } = state ?? {};
  if (found === "done") return { phase: "done", detail: "" };
  if (found === "left_out") return { phase: "left out", detail: reason };
  const detail = scheduler?.detail ?? "";
  if (scheduler?.state === "queued") return { phase: "waiting", detail };
  if (scheduler?.state === "running") return { phase: "running", detail: detail || host };
  if (found === "failed") return { phase: "failed", detail: reason };
  if (found === "stopped") return { phase: "stopped", detail: "its state is saved" };
  if (found === "again") return { phase: "stopped", detail: "its time was up, its state is saved" };
  if (state && runsHere(state)) return { phase: "running", detail: host };
  if (found === "running") {
    return { phase: "failed", detail: detail || `it ended on ${host} without saying why` };
  }
  return wasSubmitted && scheduler
    ? { phase: "failed", detail: `it did not run: ${detail || "its scheduler ended it"}` }
    : { phase: "not submitted", detail: "" };
}

function secondsOf({ state, started, time }: JobState): number {
  return (state === "running" ? Math.floor(Date.now() / 1000) : time) - started;
}

async function trainingOf({ training }: Job): Promise<StreamedLog | undefined> {
  return training && await readTrainingLog(training.folder).catch(() => undefined);
}
