/**
 * Runs jobs on Kubernetes: a stage is an Indexed Job, whose pods share a volume.
 *
 * Kubernetes knows no order of jobs. All are created together, and a pod whose needs are not done
 * ends with the exit code of a stop, which counts as no failure: Kubernetes makes another one after
 * seconds, later after up to six minutes. That needs no service that watches, and no rights beyond
 * creating jobs.
 */

import { join, relative } from "../platform/paths.ts";
import { MissingProgramError, type ProgramResult, runProgram } from "../platform/run_program.ts";
import type { Engine, SchedulerState } from "./engine.ts";
import { isDone, readJobState } from "./job_state.ts";
import type { LaunchRecord } from "./launch_record.ts";
import { jobsOf, type Stage } from "./stage.ts";
import { stageScriptName } from "./stage_script.ts";

/** Name of the folder of manifests in the launch's folder. */
export const manifestFolder = "kubernetes";

/** Exit code of a command that was stopped. */
const STOPPED = 75;

/** Kubernetes, through `kubectl`. */
export const kubernetes: Engine = {
  name: "kubernetes",

  requireSound(record) {
    const { mount } = containerOf(record);
    if (!mount.startsWith("/")) {
      throw new RangeError(
        `Cannot launch on Kubernetes: the volume is mounted at "${mount}", expected an absolute path ` +
          "as `mount`",
      );
    }
    const outside = pathsOf(record).filter((path) => relative(mount, path).startsWith(".."));
    if (outside.length === 0) return;
    throw new RangeError(
      `Cannot launch on Kubernetes: ${outside.join(", ")} is not in ${mount}, where pods see the ` +
        "shared volume; pass a `mount` that holds all folders of the launch",
    );
  },

  async requireUsable(record) {
    await kubectl(["version", "--client"], record);
  },

  // The image has the command; this machine's Deno is not in it.
  program: () => ["nnunet"],

  header: () => [],

  variables: ({ resources: { cpus } }) => ({ NNUNET_CPUS: `\${NNUNET_CPUS:-${cpus}}` }),

  files: (record) =>
    Object.fromEntries(
      record.stages.map((stage) => [
        join(manifestFolder, `${stage.name}.json`),
        `${JSON.stringify(manifestOf(stage, record), undefined, 2)}\n`,
      ]),
    ),

  async submit(record, parts, onSubmitted) {
    // A job cannot be changed, and its indices that are done end at once.
    const names = parts.map(({ stage }) => jobName(stage, record));
    await kubectl(["delete", "job", "--ignore-not-found", ...names], record);
    await kubectl(["apply", "-f", join(record.folder, manifestFolder)], record);
    for (const { stage, places } of parts) {
      await onSubmitted({
        stage: stage.name,
        places: [...places],
        id: jobName(stage, record),
        time: new Date().toISOString(),
      });
    }
  },

  async states(record) {
    const states = new Map<string, SchedulerState>();
    const found = endsOfJobs(
      await kubectl(["get", "jobs", "-l", labelOf(record), "-o", "json"], record),
    );
    for (const stage of record.stages) {
      const status = found.get(jobName(stage, record));
      if (!status) continue;
      for (const { name } of stage.jobs) {
        const state = await readJobState(record.folder, name);
        if (isDone(state) || state?.state === "failed") continue;
        if (status.hasEnded) states.set(name, { state: "ended", detail: status.reason });
        else if (state?.state === "running") {
          states.set(name, { state: "running", detail: state.host });
        } else states.set(name, { state: "queued" });
      }
    }
    return states;
  },

  async cancel(record) {
    const { output } = await kubectl(["delete", "jobs", "-l", labelOf(record)], record);
    return output || "No job waits or runs";
  },
};

/** Returns a stage's manifest. */
export function manifestOf(stage: Stage, record: LaunchRecord): Record<string, unknown> {
  const { folder, resources } = record;
  const { image, claim, mount, namespace } = containerOf(record);
  const { gpus, cpus, memoryBytes, seconds, graceSeconds, maxParallel } = resources;
  const count = stage.jobs.length;
  const amounts = {
    cpu: `${cpus}`,
    ...memoryBytes === undefined ? {} : { memory: `${memoryBytes}` },
    ...stage.computes && gpus > 0 ? { "nvidia.com/gpu": `${gpus}` } : {},
  };
  const [key, value] = labelOf(record).split("=");
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(stage, record),
      ...namespace === undefined ? {} : { namespace },
      labels: { [key]: value },
    },
    spec: {
      completionMode: "Indexed",
      completions: count,
      parallelism: Math.min(count, maxParallel ?? count),
      // A job that failed is not tried again, and others of the stage go on.
      backoffLimitPerIndex: 0,
      podFailurePolicy: {
        rules: [
          {
            action: "Ignore",
            onExitCodes: { containerName: "nnunet", operator: "In", values: [STOPPED] },
          },
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          {
            action: "FailIndex",
            onExitCodes: { containerName: "nnunet", operator: "NotIn", values: [0, STOPPED] },
          },
        ],
      },
      template: {
        metadata: { labels: { [key]: value } },
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: graceSeconds,
          ...seconds === undefined ? {} : { activeDeadlineSeconds: seconds },
          containers: [{
            name: "nnunet",
            image,
            // TERM, which a pod gets when its time is up, asks for another one.
            command: ["bash", join(folder, stageScriptName(stage))],
            env: [
              { name: "NNUNET_LAUNCH_WAITS", value: "waits" },
              { name: "NNUNET_CPUS", value: `${cpus}` },
            ],
            resources: { requests: amounts, limits: amounts },
            volumeMounts: [{ name: "nnunet", mountPath: mount }],
          }],
          volumes: [{ name: "nnunet", persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
}

/** Returns the paths that pods read and write: nnU-Net's folders, the launch's, and scans. */
function pathsOf({ folder, variables, stages }: LaunchRecord): string[] {
  const words = [...Object.values(variables), ...jobsOf(stages).flatMap(({ args }) => args)];
  return [...new Set([folder, ...words.filter((word) => word.startsWith("/"))])];
}

function containerOf({ container }: LaunchRecord) {
  if (container) return container;
  throw new RangeError(
    "Cannot launch on Kubernetes: found no container, expected its image and a volume's claim",
  );
}

/** Returns the name of a stage's Job: letters, digits and hyphens. */
function jobName({ name }: Pick<Stage, "name">, { id }: LaunchRecord): string {
  const text = name.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-");
  return `nnunet-${String(id).padStart(3, "0")}-${text}`.slice(0, 63).replace(/-+$/, "");
}

/** Returns the label of all of a launch's Jobs. */
function labelOf({ id }: LaunchRecord): string {
  return `nnunet-launch=dataset-${String(id).padStart(3, "0")}`;
}

/** Returns whether and how Jobs have ended, by their names. */
function endsOfJobs({ output }: ProgramResult) {
  const { items } = JSON.parse(output) as {
    items: {
      metadata: { name: string };
      status?: { conditions?: { type: string; status: string; message?: string }[] };
    }[];
  };
  return new Map(items.map(({ metadata: { name }, status }) => {
    const end = status?.conditions?.find(({ type, status }) =>
      status === "True" && (type === "Complete" || type === "Failed")
    );
    return [name, { hasEnded: end !== undefined, reason: end?.message ?? end?.type.toLowerCase() }];
  }));
}

async function kubectl(args: readonly string[], record: LaunchRecord): Promise<ProgramResult> {
  const { namespace } = containerOf(record);
  const own = namespace === undefined ? [] : ["--namespace", namespace];
  let result: ProgramResult;
  try {
    result = await runProgram("kubectl", [...own, ...args, ...record.engineArguments]);
  } catch (error) {
    if (!(error instanceof MissingProgramError)) throw error;
    throw new Error(
      `Cannot launch on Kubernetes: looked for its command kubectl: ${error.message}`,
      { cause: error },
    );
  }
  if (result.code === 0) return result;
  throw new Error(`Cannot launch on Kubernetes: kubectl ${args[0]} says: ${result.errors}`);
}
