/** Runs jobs on Slurm: a stage is one array of jobs. */

import { MissingProgramError, type ProgramResult, runProgram } from "../platform/run_program.ts";
import { join } from "../platform/paths.ts";
import { shellLine } from "../options/shell_quoted.ts";
import { shortHash } from "../platform/short_hash.ts";
import type { Engine, SchedulerState, StagePart } from "./engine.ts";
import type { LaunchRecord, Submission } from "./launch_record.ts";
import { slurmMemory, slurmTime } from "./resources.ts";
import type { Stage } from "./stage.ts";
import { stageScriptName } from "./stage_script.ts";

/** Slurm, through its commands `sbatch`, `squeue`, `scontrol` and `scancel`. */
export const slurm: Engine = {
  name: "slurm",

  async requireUsable() {
    let result: ProgramResult;
    try {
      result = await runProgram("sinfo", ["--noheader", "--format=%P"]);
    } catch (error) {
      if (!(error instanceof MissingProgramError)) throw error;
      throw new Error(`Cannot launch on Slurm: looked for its command sinfo: ${error.message}`, {
        cause: error,
      });
    }
    if (result.code !== 0) {
      throw new Error(`Cannot launch on Slurm: its controller does not answer: ${result.errors}`);
    }
  },

  header(stage, record) {
    const { folder, id, resources, engineArguments } = record;
    const { gpus, cpus, memoryBytes, seconds, graceSeconds } = resources;
    const isArray = stage.jobs.length > 1;
    // A % begins a pattern.
    const logs = join(folder, "logs").replaceAll("%", "%%");
    const options = [
      ["job-name", `nnunet_${String(id).padStart(3, "0")}_${stage.name}`],
      ["comment", commentOf(stage, record)],
      ...isArray ? [["array", arrayOf(stage.jobs.keys().toArray(), record)]] : [],
      ["nodes", "1"],
      ["ntasks", "1"],
      ["cpus-per-task", `${cpus}`],
      ...memoryBytes === undefined ? [] : [["mem", slurmMemory(memoryBytes)]],
      ...stage.computes && gpus > 0 ? [["gres", `gpu:${gpus}`]] : [],
      ...seconds === undefined ? [] : [["time", slurmTime(seconds)]],
      // To the batch script, which passes it on to Deno.
      ["signal", `B:USR1@${graceSeconds}`],
      ["requeue"],
      // What the script prints before it knows its log, and Slurm's own messages.
      ["output", `${logs}/slurm_${stage.name}_${isArray ? "%A_%a" : "%j"}.txt`],
      ["open-mode", "append"],
    ];
    return [
      ...options.map(([name, value]) =>
        `#SBATCH --${name}${value === undefined ? "" : `=${quoted(value)}`}`
      ),
      ...engineArguments.length > 0 ? [`#SBATCH ${shellLine(engineArguments)}`] : [],
    ];
  },

  variables({ resources: { cpus } }) {
    return { NNUNET_CPUS: `\${SLURM_CPUS_PER_TASK:-${cpus}}` };
  },

  async submit(record, parts, onSubmitted) {
    const submitted = await lostSubmissions(record, parts, onSubmitted);
    const found = new Set(submitted.map(({ stage }) => stage));
    for (const { stage, places } of parts) {
      if (found.has(stage.name)) continue;
      const needed = submitted.filter((each) => stage.needs.includes(each.stage));
      const { code, output, errors } = await runProgram("sbatch", [
        "--parsable",
        ...needed.length > 0
          ? [
            `--dependency=afterok:${needed.map(({ id }) => id).join(":")}`,
            // Otherwise it would wait for ever once a job that it needs has failed.
            "--kill-on-invalid-dep=yes",
          ]
          : [],
        ...stage.jobs.length > 1 ? [`--array=${arrayOf(places, record)}`] : [],
        join(record.folder, stageScriptName(stage)),
      ]);
      if (code !== 0) {
        throw new Error(`Cannot submit ${stage.name}: sbatch says: ${errors || output}`);
      }
      const id = output.split("\n").at(-1)!.split(";")[0];
      const submission = { stage: stage.name, places: [...places], id, time: now() };
      submitted.push(submission);
      await onSubmitted(submission);
    }
  },

  async states(record) {
    const states = new Map<string, SchedulerState>();
    if (record.submissions.length === 0) return states;
    const queue = await queueOf(record);
    for (const { id, stage: name, places } of record.submissions) {
      const stage = record.stages.find((each) => each.name === name);
      if (!stage) continue;
      for (const place of places) {
        const job = stage.jobs[place];
        const entry = queue.get(stage.jobs.length > 1 ? `${id}_${place}` : id);
        if (job && entry) states.set(job.name, entry);
      }
    }
    return states;
  },

  async cancel(record) {
    const states = await slurm.states(record);
    const active = record.submissions.filter(({ stage: name, places }) => {
      const jobs = record.stages.find((each) => each.name === name)?.jobs ?? [];
      return places.some((place) => {
        const state = states.get(jobs[place]?.name);
        return state !== undefined && state.state !== "ended";
      });
    });
    if (active.length === 0) return "No job waits or runs";
    // The last ones first, so that no job starts because one that it waits for has gone.
    const ids = active.map(({ id }) => id).reverse();
    const { code, errors } = await runProgram("scancel", ids);
    if (code !== 0) throw new Error(`Cannot cancel ${ids.join(", ")}: scancel says: ${errors}`);
    return `Cancelled Slurm's jobs ${ids.join(", ")}; those that run save their state first`;
  },
};

/** Marks a stage's jobs in Slurm's queue as this launch's. */
function commentOf({ name }: Pick<Stage, "name">, { folder }: LaunchRecord): string {
  return `nnunet-${shortHash(folder, 12)}-${name}`;
}

/** Returns places as an array of jobs: `0-4%2`. */
function arrayOf(places: readonly number[], { resources: { maxParallel } }: LaunchRecord): string {
  const runs: [first: number, last: number][] = [];
  for (const place of places.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === place - 1) last[1] = place;
    else runs.push([place, place]);
  }
  const ranges = runs.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`);
  return ranges.join(",") + (maxParallel === undefined ? "" : `%${maxParallel}`);
}

/**
 * Finds what a launch that was killed had submitted without recording it.
 *
 * @returns The submissions, once they are recorded.
 */
async function lostSubmissions(
  record: LaunchRecord,
  parts: readonly StagePart[],
  onSubmitted: (submission: Submission) => Promise<void>,
): Promise<Submission[]> {
  const found: Submission[] = [];
  const lines = await squeue(["--format=%F|%k"]);
  for (const { stage, places } of parts) {
    const comment = commentOf(stage, record);
    const ids = lines.flatMap((line) => {
      const [id, text] = line.split("|");
      return text === comment ? [id] : [];
    });
    for (const id of new Set(ids)) {
      const submission = { stage: stage.name, places: [...places], id, time: now() };
      found.push(submission);
      await onSubmitted(submission);
    }
  }
  return found;
}

/** States that Slurm names a job by while it waits. */
const waiting = ["PENDING", "REQUEUED", "REQUEUE_HOLD", "SUSPENDED", "SPECIAL_EXIT"];

/** Returns the launch's jobs in the queue or lately in it, by their numbers. */
async function queueOf({ submissions }: LaunchRecord): Promise<Map<string, SchedulerState>> {
  const found = new Map<string, SchedulerState>();
  const wanted = new Set(submissions.map(({ id }) => id));
  // All states, since Slurm remembers a job for some minutes after its end.
  const format = "--format=%F|%K|%T|%N|%r";
  for (const line of await squeue(["--array", "--states=all", format])) {
    const [id, place, name, node, reason] = line.split("|");
    if (!wanted.has(id)) continue;
    const state = waiting.includes(name)
      ? { state: "queued" as const, detail: reason }
      : name === "RUNNING" || name === "COMPLETING" || name === "CONFIGURING"
      ? { state: "running" as const, detail: node }
      : { state: "ended" as const, detail: name.toLowerCase().replaceAll("_", " ") };
    found.set(/^\d+$/.test(place) ? `${id}_${place}` : id, state);
  }
  return found;
}

async function squeue(args: readonly string[]): Promise<string[]> {
  const { code, output, errors } = await runProgram("squeue", ["--me", "--noheader", ...args]);
  if (code !== 0) throw new Error(`Cannot ask Slurm for its queue: squeue says: ${errors}`);
  return output.split("\n").filter((line) => line !== "");
}

function quoted(value: string): string {
  return /[\s"']/.test(value) ? `"${value.replaceAll('"', '\\"')}"` : value;
}

function now(): string {
  return new Date().toISOString();
}
