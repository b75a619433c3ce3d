/** What a job's script says about the job, in `state/JOB`. */

import { z } from "../packages/zod.ts";
import { exists, readTextFile } from "../platform/files.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { join } from "../platform/paths.ts";
import { hostName, isRunning } from "../platform/process_owner.ts";

/** States as the scripts write them. `again` is queued again, since its time was nearly up. */
const states = ["running", "done", "left_out", "failed", "stopped", "again"] as const;

const schema = z.object({
  state: z.enum(states),
  /** Exit code of the command. */
  code: z.int(),
  /** Number of the attempt, from 1. */
  attempt: z.int(),
  host: z.string(),
  /** Number of the script's process, and when that started, as `/proc` reports it. */
  pid: z.int(),
  begun: z.string(),
  /** The scheduler's number of the job, if it has one. */
  id: z.string(),
  /** When the attempt started, and when the state was written, in seconds since 1970. */
  started: z.int(),
  time: z.int(),
  /** Why it failed or was left out. */
  reason: z.string(),
});

/** What a job's script says about the job. */
export type JobState = Readonly<z.infer<typeof schema>>;

/** Name of the folder of states in the launch's folder. */
const folderName = "state";

/** Reads a job's state; undefined if it has never run. */
export async function readJobState(folder: string, job: string): Promise<JobState | undefined> {
  const path = join(folder, folderName, job);
  if (!await exists(path)) return undefined;
  try {
    return schema.parse(JSON.parse(await readTextFile(path)));
  } catch (cause) {
    throw new Error(`Cannot read ${path}: it is not a job's state; delete it to run the job anew`, {
      cause,
    });
  }
}

/** Writes that a job's script ended without saying how. */
export async function writeLost(folder: string, job: string, state: JobState, reason: string) {
  const lost: JobState = { ...state, state: "failed", reason };
  await writeFileAtomically(join(folder, folderName, job), `${JSON.stringify(lost)}\n`);
}

/** Whether a job has nothing left to do. */
export function isDone(state: JobState | undefined): boolean {
  return state?.state === "done" || state?.state === "left_out";
}

/** Whether the process that wrote a state runs on this machine. */
export function runsHere({ state, host, pid, begun }: JobState): boolean {
  return state === "running" && host === hostName() &&
    isRunning(pid, begun === "" ? undefined : Number(begun));
}
