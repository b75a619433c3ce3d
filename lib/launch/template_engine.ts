/**
 * Runs jobs on a scheduler that a file describes, such as PBS or SGE.
 *
 * The file is the start of a script: the scheduler's own lines, with placeholders in braces, and lines
 * that begin with `#nnunet` and say how to call it:
 *
 * ```text
 * #PBS -l select=1:ncpus={cpus}:mem={memory}b:ngpus={gpus},walltime={time}
 * #nnunet submit qsub {dependency} -v JOB_COMPLETION_INDEX={place} {script}
 * #nnunet dependency -W depend=afterok:{ids}
 * #nnunet state qstat {id}
 * #nnunet cancel qdel {id}
 * #nnunet again qrerun "$PBS_JOBID"
 * ```
 */

import { shellWords } from "../options/shell_quoted.ts";
import { join } from "../platform/paths.ts";
import { runProgram } from "../platform/run_program.ts";
import type { Engine, SchedulerState } from "./engine.ts";
import type { LaunchRecord, Submission } from "./launch_record.ts";
import { slurmTime } from "./resources.ts";
import type { Stage } from "./stage.ts";
import { stageScriptName } from "./stage_script.ts";

/** What a template says. */
export interface Template {
  /** Lines for the scheduler, with placeholders. */
  readonly header: readonly string[];
  /** Prints the number of the job as the first word of its last line. */
  readonly submit: readonly string[];
  /** Words for `{dependency}` of a job that needs others. */
  readonly dependency: readonly string[];
  /** Succeeds as long as a job waits or runs. */
  readonly state: readonly string[];
  readonly cancel: readonly string[];
  /** Command of the job's shell that queues the job again. */
  readonly again?: string;
  /** Stands between the numbers of `{ids}`; a colon by default. */
  readonly separator: string;
}

const directives = ["submit", "dependency", "state", "cancel", "again", "separator"] as const;
type Directive = typeof directives[number];

/**
 * Reads a template.
 *
 * @throws {RangeError} If it does not say how to submit, ask for and cancel jobs.
 */
export function parseTemplate(text: string): Template {
  const found = new Map<Directive, string>();
  const header: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = /^#nnunet\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      if (line.startsWith("#") && !line.startsWith("#!")) header.push(line);
      else if (line.trim() !== "" && !line.startsWith("#!")) {
        throw new RangeError(
          `Cannot use the template: found the line "${line}", expected comments for the scheduler and ` +
            "lines that begin with #nnunet; what jobs run first belongs in the set-up file",
        );
      }
      continue;
    }
    const directive = directives.find((each) => each === name);
    if (!directive) {
      throw new RangeError(
        `Cannot use the template: found "#nnunet ${name}", expected one of ${
          directives.join(", ")
        }`,
      );
    }
    found.set(directive, value.trim());
  }
  const words = (name: "submit" | "dependency" | "state" | "cancel") => {
    const value = found.get(name);
    if (value) return shellWords(value);
    throw new RangeError(`Cannot use the template: it has no line "#nnunet ${name} …"`);
  };
  return {
    header,
    submit: words("submit"),
    dependency: words("dependency"),
    state: words("state"),
    cancel: words("cancel"),
    again: found.get("again"),
    separator: found.get("separator") ?? ":",
  };
}

/** The scheduler that a template describes. */
export const templateEngine: Engine = {
  name: "template",

  requireSound(record) {
    const { submit, dependency, state, cancel } = templateOf(record);
    const known = { ...valuesOf(record.stages[0], record), place: "0" };
    for (const word of submit) if (word !== "{dependency}") filled(word, known);
    for (const word of dependency) filled(word, { ids: "0" });
    for (const word of [...state, ...cancel]) filled(word, { id: "0" });
  },

  // Its commands are called with numbers of jobs, of which there is none yet.
  requireUsable: () => Promise.resolve(),

  header(stage, record) {
    return templateOf(record).header.map((line) => filled(line, valuesOf(stage, record)));
  },

  variables: (record) => {
    const { again } = templateOf(record);
    return {
      NNUNET_CPUS: `\${NNUNET_CPUS:-${record.resources.cpus}}`,
      ...again === undefined ? {} : { NNUNET_LAUNCH_AGAIN: again.replaceAll('"', '\\"') },
    };
  },

  async submit(record, parts, onSubmitted) {
    const template = templateOf(record);
    const submitted: Submission[] = [];
    for (const { stage, places } of parts) {
      const ids = submitted.filter((each) => stage.needs.includes(each.stage)).map(({ id }) => id);
      const dependency = ids.length === 0
        ? []
        : template.dependency.map((word) => filled(word, { ids: ids.join(template.separator) }));
      // These schedulers differ in their arrays, so each job is submitted by itself.
      for (const place of places) {
        const output = await call(
          template.submit.flatMap((word) => word === "{dependency}" ? dependency : [word]),
          { ...valuesOf(stage, record), place: `${place}` },
        );
        const id = output.split("\n").at(-1)!.trim().split(/\s+/)[0];
        if (id === "") throw new Error(`Cannot submit ${stage.name}: it printed no job's number`);
        const time = new Date().toISOString();
        const submission = { stage: stage.name, places: [place], id, time };
        submitted.push(submission);
        await onSubmitted(submission);
      }
    }
  },

  async states(record) {
    const { state } = templateOf(record);
    const states = new Map<string, SchedulerState>();
    for (const { id, stage: name, places: [place] } of record.submissions) {
      const job = record.stages.find((each) => each.name === name)?.jobs[place];
      if (!job) continue;
      const [program, ...args] = state.map((word) => filled(word, { id }));
      const { code } = await runProgram(program, args);
      states.set(job.name, { state: code === 0 ? "queued" : "ended" });
    }
    return states;
  },

  async cancel(record) {
    const states = await templateEngine.states(record);
    const active = record.submissions.filter(({ stage: name, places: [place] }) => {
      const job = record.stages.find((each) => each.name === name)?.jobs[place];
      return job && states.get(job.name)?.state !== "ended";
    }).reverse();
    for (const { id } of active) await call(templateOf(record).cancel, { id });
    return active.length === 0
      ? "No job waits or runs"
      : `Cancelled jobs ${active.map(({ id }) => id).join(", ")}`;
  },
};

function templateOf({ template }: LaunchRecord): Template {
  if (template !== undefined) return parseTemplate(template);
  throw new RangeError(
    "Cannot launch by a template: found none, expected a scheduler's description",
  );
}

/** Values of the placeholders. */
function valuesOf(stage: Stage, record: LaunchRecord): Record<string, string> {
  const { folder, resources: { gpus, cpus, memoryBytes, seconds }, id } = record;
  return {
    name: `nnunet_${String(id).padStart(3, "0")}_${stage.name}`,
    cpus: `${cpus}`,
    gpus: `${stage.computes ? gpus : 0}`,
    memory: memoryBytes === undefined ? "" : `${memoryBytes}`,
    time: seconds === undefined ? "" : slurmTime(seconds),
    script: join(folder, stageScriptName(stage)),
    logs: join(folder, "logs"),
  };
}

/** @throws {RangeError} If a placeholder is unknown. */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (Object.hasOwn(values, name)) return values[name];
    throw new RangeError(
      `Cannot use the template: found {${name}}, expected one of ` +
        Object.keys(values).map((name) => `{${name}}`).join(", "),
    );
  });
}

/** Runs a command of the template. @returns What it printed. */
async function call(
  words: readonly string[],
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const [program, ...args] = words.map((word) => filled(word, values));
  const { code, output, errors } = await runProgram(program, args);
  if (code === 0) return output;
  throw new Error(`Cannot launch: ${program} ${args.join(" ")} says: ${errors || output}`);
}
