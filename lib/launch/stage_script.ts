/** The script of a stage, which any scheduler or person can run. */

import { shellLine, shellQuoted } from "../options/shell_quoted.ts";
import { jobScriptName } from "./job_script.ts";
import type { Job, Stage } from "./stage.ts";

/** What the scripts of a launch have in common. */
export interface ScriptSurroundings {
  /** Absolute path of the launch's folder. */
  readonly folder: string;
  /** Name of the data set, for the first comment. */
  readonly dataset: string;
  /** Words that start `nnunet`, such as Deno's path and arguments. */
  readonly program: readonly string[];
  /** Environment variables that are set. */
  readonly variables: Readonly<Record<string, string>>;
  /** Environment variables set to what the shell makes of a text, such as `${SLURM_CPUS_PER_TASK:-8}`. */
  readonly computedVariables?: Readonly<Record<string, string>>;
  /** Whether `setup.sh` is in the folder, to be run in the job's shell first. */
  readonly hasSetup: boolean;
  /** Path of the plans, which configurations are looked up in. */
  readonly plansFile: string;
}

/** Name of a stage's script in the launch's folder. */
export function stageScriptName({ name }: Pick<Stage, "name">): string {
  return `${name}.sh`;
}

/**
 * Returns the text of a stage's script.
 *
 * @param header Lines for the scheduler, such as `#SBATCH --time=…`.
 * @param needed The jobs that have to be done before.
 */
export function stageScript(
  stage: Stage,
  header: readonly string[],
  needed: readonly Job[],
  surroundings: ScriptSurroundings,
): string {
  const { folder, dataset, program, hasSetup, plansFile } = surroundings;
  const { jobs, title, onlyIfPlanned } = stage;
  const { variables, computedVariables = {} } = surroundings;
  const isArray = jobs.length > 1 || jobs[0].training !== undefined;
  const byHand = `bash ${stageScriptName(stage)}`;
  const lines = [
    "#!/bin/bash",
    ...header,
    "#",
    `# ${dataset}: ${title}. Written by nnunet launch.`,
    isArray
      ? `# By hand: ${byHand} NUMBER, one of 0 to ${
        jobs.length - 1
      }, for the job of this place below.`
      : `# By hand: ${byHand}`,
    "",
    `launch=${shellQuoted(folder)} script=${shellQuoted(stageScriptName(stage))}`,
    `if [ ! -r "$launch/${jobScriptName}" ]; then`,
    '  echo "$(hostname) does not see $launch; launch with --out DIR, a folder that all machines share" >&2',
    "  exit 1",
    "fi",
    `. "$launch/${jobScriptName}"`,
    "",
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuoted(value)}`),
    ...Object.entries(computedVariables).map(([name, value]) => `export ${name}="${value}"`),
    `nnunet=(${shellLine(program)})`,
    ...hasSetup ? ['. "$launch/setup.sh"'] : [],
    "",
    "place=${1:-${SLURM_ARRAY_TASK_ID:-${JOB_COMPLETION_INDEX:-0}}}",
    "case $place in",
    ...jobs.flatMap((job, place) => caseOf(job, place)),
    "  *)",
    `    echo "There is no job $place, expected ${placesOf(jobs)}" >&2`,
    "    exit 2",
    "    ;;",
    "esac",
    "",
    "begin",
    ...needed.length > 0 ? [wrapped("need", needed.map(({ name }) => shellQuoted(name)))] : [],
    ...onlyIfPlanned === undefined
      ? []
      : [`only_if_planned ${shellLine([onlyIfPlanned, plansFile])}`],
    'run "${arguments[@]}"',
    "",
  ];
  return lines.join("\n");
}

function caseOf({ name, args, saves }: Job, place: number): string[] {
  return [
    `  ${place})`,
    `    job=${shellQuoted(name)}`,
    `    saves=${shellQuoted(saves.folder)} saved=${shellQuoted(saves.files)}`,
    `    arguments=(${shellLine(args)})`,
    "    ;;",
  ];
}

function placesOf({ length }: readonly Job[]): string {
  return length === 1 ? "0" : `0 to ${length - 1}`;
}

/** Returns a command whose words are on lines of their own if there are many. */
function wrapped(command: string, words: readonly string[]): string {
  const line = [command, ...words].join(" ");
  return line.length <= 100 ? line : [command, ...words].join(" \\\n  ");
}
