/** Writes a launch's folder: scripts, a list of jobs, and the record. */

import { copyFile, createFolder, exists, readTextFile } from "../platform/files.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { dirname, join } from "../platform/paths.ts";
import { shellLine } from "../options/shell_quoted.ts";
import { type Engine, neededJobs } from "./engine.ts";
import { jobScript, jobScriptName } from "./job_script.ts";
import { type LaunchRecord, writeRecord } from "./launch_record.ts";
import { stageScript, stageScriptName } from "./stage_script.ts";

/** Name of the list of jobs, for people. */
const listName = "jobs.txt";

/** Returns the files of a launch's folder, by their paths in it. */
export function launchFiles(record: LaunchRecord, engine: Engine): Record<string, string> {
  const program = engine.program?.(record) ?? record.program;
  const surroundings = { ...record, program, computedVariables: engine.variables(record) };
  const files: Record<string, string> = { [jobScriptName]: jobScript, [listName]: listOf(record) };
  for (const stage of record.stages) {
    files[stageScriptName(stage)] = stageScript(
      stage,
      engine.header(stage, record),
      neededJobs(stage, record),
      surroundings,
    );
  }
  return { ...files, ...engine.files?.(record) };
}

/**
 * Writes the folder. A script that somebody changed is first copied beside itself.
 *
 * @returns Sentences about what was replaced.
 */
export async function writeLaunchFolder(
  record: LaunchRecord,
  engine: Engine,
  setup: string | undefined,
): Promise<string[]> {
  const { folder } = record;
  const notices: string[] = [];
  for (const name of ["state", "logs"]) await createFolder(join(folder, name), { recursive: true });
  const files = launchFiles(record, engine);
  if (setup !== undefined) files["setup.sh"] = setup;
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    if (await exists(path)) {
      if (await readTextFile(path) === text) continue;
      if (name !== listName) {
        await copyFile(path, `${path}.previous`);
        notices.push(`Replaced ${path}, which was different; the old one is ${name}.previous`);
      }
    }
    await createFolder(dirname(path), { recursive: true });
    await writeFileAtomically(path, text);
  }
  await writeRecord(record);
  return notices;
}

/** Returns the list of jobs, in an order in which they can be run by hand. */
function listOf({ dataset, stages, leftOut }: LaunchRecord): string {
  const lines = [`# Jobs of ${dataset}, in an order in which they can be run by hand.`];
  for (const stage of stages) {
    const needs = stage.needs.length > 0 ? `, after ${stage.needs.join(", ")}` : "";
    lines.push("", `# ${stage.name}: ${stage.title}${needs}`);
    for (const [place, { args }] of stage.jobs.entries()) {
      const number = stage.jobs.length > 1 ? ` ${place}` : "";
      lines.push(`bash ${stageScriptName(stage)}${number}    # nnunet ${shellLine(args)}`);
    }
  }
  lines.push(...leftOut.map(({ what, why }) => `\n# Without ${what}: ${why}`));
  return `${lines.join("\n")}\n`;
}
