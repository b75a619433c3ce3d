/** Runs jobs on this machine, in a process that outlives the one that launched them. */

import { join } from "../platform/paths.ts";
import { hostName } from "../platform/process_owner.ts";
import { signalProcess, startProgram } from "../platform/run_program.ts";
import type { Engine, SchedulerState } from "./engine.ts";
import { isDone, readJobState, runsHere } from "./job_state.ts";
import { localRunner } from "./local_run.ts";
import { jobsOf } from "./stage.ts";

/** Name of the command that runs a launch's jobs; it is for {@link local} alone. */
export const localCommand = "launch_local";

/** Milliseconds that the process may take to start. */
const START_MS = 60_000;

/** This machine. */
export const local: Engine = {
  name: "local",

  requireUsable: () => Promise.resolve(),

  header: () => [],

  variables: ({ resources: { cpus } }) => ({ NNUNET_CPUS: `\${NNUNET_CPUS:-${cpus}}` }),

  async submit(record) {
    const { program: [program, ...args], folder } = record;
    const child = startProgram(program, [...args, localCommand, folder], { outlives: true });
    let ended: number | undefined;
    child.ended.then((code) => ended = code);
    const begin = performance.now();
    while (ended === undefined && performance.now() - begin < START_MS) {
      if (await localRunner(folder)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (ended === 0) return; // All jobs have ended already.
    const how = ended === undefined
      ? `has not begun after ${START_MS / 1000} s`
      : `ended with ${ended}`;
    throw new Error(
      `Cannot launch: the process that runs the jobs ${how}; ${
        join(folder, "logs", "local.txt")
      } ` +
        "may say why",
    );
  },

  async states(record) {
    const states = new Map<string, SchedulerState>();
    const runner = await localRunner(record.folder);
    for (const { name } of jobsOf(record.stages)) {
      const state = await readJobState(record.folder, name);
      if (state && runsHere(state)) states.set(name, { state: "running", detail: state.host });
      else if (runner && !isDone(state) && state?.state !== "failed") {
        states.set(name, { state: "queued" });
      }
    }
    return states;
  },

  async cancel({ folder }) {
    const runner = await localRunner(folder);
    if (!runner) return "No job waits or runs";
    if (runner.host !== hostName()) {
      throw new Error(
        `Cannot cancel: process ${runner.pid} on ${runner.host} runs the jobs; cancel there`,
      );
    }
    signalProcess(runner.pid, "SIGTERM");
    return `Asked process ${runner.pid} to end; jobs that run save their state first`;
  },
};
