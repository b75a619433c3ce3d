/** Submits the jobs of a launch that are not done. */

import { removeIfPresent } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import type { Engine, StagePart } from "./engine.ts";
import { isDone, readJobState } from "./job_state.ts";
import { type LaunchRecord, type Submission, writeRecord } from "./launch_record.ts";
import type { LeftOut, Stage } from "./stage.ts";

/** What a launch will do. */
export interface LaunchPlan {
  /** The launch's folder. */
  readonly folder: string;
  /** The stages, each after those that it needs. */
  readonly stages: readonly Stage[];
  /** What is not run, with the reasons. */
  readonly leftOut: readonly LeftOut[];
  /** What is run though it was not asked for, and what is replaced, in sentences. */
  readonly notices: readonly string[];
}

/** What was submitted. */
export interface Launched extends LaunchPlan {
  /** Names of the jobs that were submitted. */
  readonly submitted: readonly string[];
  /** Names of the jobs that were done before. */
  readonly done: readonly string[];
}

/** Submits what is not done. */
export async function submitRest(
  record: LaunchRecord,
  engine: Engine,
  notices: readonly string[],
): Promise<Launched> {
  const { folder, stages, leftOut } = record;
  const parts = await unfinishedParts(record);
  await forgetEnded(record, parts);
  // Jobs that wait or run were ruled out, so what was submitted before has ended.
  let submissions: readonly Submission[] = [];
  const onSubmitted = async (submission: Submission) => {
    submissions = [...submissions, submission];
    await writeRecord({ ...record, submissions: [...submissions] });
  };
  await writeRecord({ ...record, submissions: [] });
  if (parts.length > 0) await engine.submit(record, parts, onSubmitted);
  const submitted = parts.flatMap(({ stage, places }) => places.map((p) => stage.jobs[p].name));
  const all = stages.flatMap(({ jobs }) => jobs.map(({ name }) => name));
  const done = all.filter((name) => !submitted.includes(name));
  return { folder, stages, leftOut, notices, submitted, done };
}

/** Returns the jobs that are not done. */
export async function unfinishedParts({ folder, stages }: LaunchRecord): Promise<StagePart[]> {
  const parts: StagePart[] = [];
  for (const stage of stages) {
    const places: number[] = [];
    for (const [place, { name }] of stage.jobs.entries()) {
      if (!isDone(await readJobState(folder, name))) places.push(place);
    }
    if (places.length > 0) parts.push({ stage, places });
  }
  return parts;
}

/** Removes the states of jobs that are to run again, so that none ends because another one failed. */
export async function forgetEnded(
  { folder }: LaunchRecord,
  parts: readonly StagePart[],
): Promise<void> {
  for (const { stage, places } of parts) {
    for (const place of places) {
      const { name } = stage.jobs[place];
      const state = await readJobState(folder, name);
      if (state?.state !== "running") await removeIfPresent(join(folder, "state", name));
    }
  }
}
