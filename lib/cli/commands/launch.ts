/** `launch`: runs everything that makes an nnU-Net as jobs, and looks after them. */

import { Command, Option } from "../../packages/commander.ts";
import type { Fold } from "../../dataset/splits.ts";
import { withoutUndefined } from "../../files/without_undefined.ts";
import { count } from "../../options/count.ts";
import { shellLine, shellWords } from "../../options/shell_quoted.ts";
import { type EngineName, engineNames } from "../../launch/engine_name.ts";
import type { JobStatus } from "../../launch/job_status.ts";
import { readRecord } from "../../launch/launch_record.ts";
import { Launcher } from "../../launch/launcher.ts";
import type { LaunchPlan } from "../../launch/submit_rest.ts";
import type { LauncherOptions } from "../../launch/launch_options.ts";
import { localCommand } from "../../launch/local.ts";
import { type LocalOutcome, runLocally } from "../../launch/local_run.ts";
import { plannerNames } from "../../planning/presets.ts";
import { appendTextFile } from "../../platform/files.ts";
import { join } from "../../platform/paths.ts";
import { secondsOfEpochs } from "../../training/training_start.ts";
import { asOwnArguments, parseDatasetId, parseFold, wholeNumber } from "../arguments.ts";
import { asTyped } from "../command_wording.ts";
import { StoppedError, UsageError } from "../exit_codes.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { formatDuration, StatusLine } from "../status_line.ts";
import { printLine } from "../terminal.ts";
import { addTrain } from "./train.ts";

interface Options {
  c?: string[];
  f?: string[];
  p?: string;
  pl?: string;
  tr?: string;
  i?: string;
  o?: string;
  engine?: EngineName;
  out?: string;
  gpus?: number;
  cpus?: number;
  memory?: string;
  time?: string;
  grace?: number;
  max_parallel?: number;
  engine_args?: string;
  setup?: string;
  template?: string;
  image?: string;
  claim?: string;
  mount?: string;
  namespace?: string;
  dry_run: boolean;
  detach: boolean;
  status: boolean;
  cancel: boolean;
  logs?: string;
  retry: boolean;
  root?: string;
}

/** What is done with a launch that exists; only one of them at a time. */
const actions = ["status", "cancel", "logs", "retry"] as const;

export function addLaunch(program: Command): void {
  program.command("launch")
    .description(
      "Train all folds and configurations as jobs, choose the best, and predict: on Slurm, on " +
        "Kubernetes, or here.",
    )
    .argument("<dataset>", "number or name of the data set", parseDatasetId)
    .argument("[train_options...]", "after --, any options of train, such as -- --epochs 100")
    .option("-c <configurations...>", "configurations to train, all of the plans by default")
    .option("-f <folds...>", "folds to train, 0 1 2 3 4 by default")
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .addOption(
      new Option("--pl <planner>", "planner, if the data set has no plans yet").choices(
        plannerNames,
      ),
    )
    .option("--tr <trainer>", "name of the trainer, nnUNetTrainer by default")
    .option("-i <dir>", "folder of scans to segment with the best configuration")
    .option("-o <dir>", "folder for their label maps")
    .addOption(
      new Option(
        "--engine <engine>",
        "where jobs run; local, on this machine, by default; template is the scheduler of --template",
      ).choices([...engineNames]),
    )
    .option("--out <dir>", "folder of scripts, states and logs; launch in the results by default")
    .option("--dry_run", "write the folder, and submit nothing", false)
    .option("--detach", "with local: return at once; the jobs go on", false)
    .option(
      "--gpus <n>",
      "GPUs of a job that computes, 1 by default; local: 0",
      wholeNumber("--gpus"),
    )
    .option(
      "--cpus <n>",
      "processors of a job, 8 by default; local: its share of all",
      wholeNumber("--cpus", 1),
    )
    .option("--memory <size>", "memory of a job, 32G by default; local: unlimited")
    .option(
      "--time <time>",
      "time limit of a job, such as 24:00:00, the default, or 7-00:00:00; local: unlimited",
    )
    .option(
      "--grace <seconds>",
      "time to save a job's state before that, 300 by default",
      wholeNumber("--grace", 1),
    )
    .option(
      "--max_parallel <n>",
      "jobs of a stage that run at the same time; local: of all jobs, 1 by default",
      wholeNumber("--max_parallel", 1),
    )
    .option("--engine_args <words>", 'more options of the scheduler, such as "-p gpu -A lab"')
    .option("--setup <file>", "script that each job's shell runs first, for modules and variables")
    .option("--template <file>", "description of the scheduler, for PBS, SGE and others")
    .option("--image <image>", "Kubernetes: image with the command nnunet")
    .option("--claim <name>", "Kubernetes: claim of the volume that the pods share")
    .option("--mount <dir>", "Kubernetes: where pods see the volume")
    .option("--namespace <name>", "Kubernetes: namespace of the jobs")
    .option("--status", "say how the jobs are", false)
    .option("--cancel", "end the jobs, which save their state", false)
    .option("--logs <job>", "print what a job has printed, such as train_2d_0")
    .option("--retry", "submit the jobs that failed, were stopped or never ran", false)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(launch);
  program.command(localCommand, { hidden: true })
    .description("Run the jobs of a launch on this machine.")
    .argument("<folder>", "folder of the launch")
    .action(runDetached);
}

async function launch(id: number, trainOptions: string[], options: Options): Promise<void> {
  const chosen = actions.filter((name) => options[name]);
  if (chosen.length > 1) {
    throw new UsageError(
      `Cannot launch with ${
        chosen.map((name) => `--${name}`).join(" and ")
      }: pass only one of them`,
    );
  }
  if (chosen.length > 0) return await lookAfter(chosen[0], launcherOf(id, options, []), options);
  const launcher = launcherOf(id, options, trainArguments(trainOptions));
  const isLocal = (options.engine ?? "local") === "local";
  if (options.dry_run || isLocal && !options.detach) {
    const plan = await launcher.write();
    describe(plan);
    if (options.dry_run) {
      printLine(`Nothing was submitted. ${plan.folder}/jobs.txt lists the jobs.`);
    } else await runHere(launcher);
    return;
  }
  const launched = await launcher.submit();
  describe(launched);
  printLine(
    `Submitted ${count(launched.submitted.length, "job")}` +
      (launched.done.length > 0 ? `; ${count(launched.done.length, "job")} done before` : "") +
      `. ${statusCommand(id, options)} reports their status`,
  );
}

/** Returns the command that looks after the jobs, with the places that it needs to find them. */
function statusCommand(id: number, { out, root }: Options): string {
  return asTyped(shellLine([
    ...["deno", "task", "nnunet", "launch", `${id}`, "--status"],
    ...out === undefined ? [] : ["--out", out],
    ...root === undefined ? [] : ["--root", root],
  ]));
}

async function lookAfter(
  action: typeof actions[number],
  launcher: Launcher,
  { logs }: Options,
): Promise<void> {
  switch (action) {
    case "status": {
      const statuses = await launcher.status();
      for (const line of statusLines(statuses)) printLine(line);
      for (const { name } of statuses.filter(({ phase }) => phase === "failed")) {
        printLine(`\nLast lines of ${name}:\n${await lastLines(launcher, name)}`);
      }
      return;
    }
    case "cancel":
      return printLine(await launcher.cancel());
    case "logs":
      return printLine((await launcher.log(logs!)).trimEnd());
    case "retry": {
      const { submitted } = await launcher.retry();
      printLine(`Submitted ${count(submitted.length, "job")}: ${submitted.join(", ")}`);
    }
  }
}

function launcherOf(id: number, options: Options, trainArguments: readonly string[]): Launcher {
  const { i, o, image, claim, mount, namespace } = options;
  if ((i === undefined) !== (o === undefined)) {
    throw new UsageError("Cannot launch: -i and -o belong together; pass both or neither");
  }
  if (options.template !== undefined && options.engine !== "template") {
    throw new UsageError("Cannot launch: --template needs --engine template");
  }
  if (options.engine === "kubernetes" && !(image && claim && mount)) {
    throw new UsageError("Cannot launch on Kubernetes: pass --image, --claim and --mount");
  }
  return new Launcher(withoutUndefined<LauncherOptions>({
    id,
    folders: resolveFolders(options.root),
    folder: options.out,
    engine: options.engine,
    plansName: options.p,
    planner: options.pl,
    trainer: options.tr,
    configurations: options.c,
    folds: options.f?.map((text): Fold => parseFold(text)),
    trainArguments,
    predict: i === undefined ? undefined : { input: i, output: o! },
    gpus: options.gpus,
    cpus: options.cpus,
    memory: options.memory,
    time: options.time,
    graceSeconds: options.grace,
    maxParallel: options.max_parallel,
    engineArguments: options.engine_args === undefined
      ? undefined
      : shellWords(options.engine_args),
    setup: options.setup,
    template: options.template,
    container: image && claim && mount
      ? withoutUndefined({ image, claim, mount, namespace })
      : undefined,
  }));
}

/** Options of `train` that a launch sets itself, or that would leave it unfinished. */
const ownOptions = ["p", "tr", "c", "val", "val_best", "skip_val", "disable_checkpointing", "root"];

/**
 * Checks options of `train`.
 *
 * @throws {UsageError} If `train` has no such option, or a launch does not take it.
 */
function trainArguments(words: readonly string[]): string[] {
  const args = asOwnArguments(words);
  const parent = new Command().exitOverride();
  addTrain(parent);
  const [train] = parent.commands;
  const { operands, unknown } = train.parseOptions([...args]);
  const wrong = [...unknown, ...operands];
  if (wrong.length > 0) {
    throw new UsageError(
      `Cannot launch with "${
        wrong.join(" ")
      }" after --: train has no such option; nnunet train --help ` +
        "lists them",
    );
  }
  const own = ownOptions.filter((name) => train.getOptionValueSource(name) === "cli");
  if (own.length > 0) {
    const names = own.map((name) => name.length > 1 ? `--${name}` : `-${name}`).join(", ");
    throw new UsageError(`Cannot launch with ${names} after --: a launch decides that itself`);
  }
  if (train.getOptionValueSource("pretrained_weights") === "cli") {
    throw new UsageError(
      "Cannot launch with --pretrained_weights after --: jobs resume their training with --c, which " +
        "excludes it; train those folds with nnunet train",
    );
  }
  return args;
}

function describe({ folder, stages, leftOut, notices }: LaunchPlan): void {
  for (const { title, jobs, needs } of stages) {
    const after = needs.length > 0 ? `, after ${needs.join(", ")}` : "";
    printLine(`${title}: ${count(jobs.length, "job")}${after}`);
  }
  for (const { what, why } of leftOut) printLine(`Without ${what}: ${why}`);
  for (const notice of notices) printLine(notice);
  printLine(`Scripts, states and logs are in ${folder}`);
}

/** Runs the jobs, and shows which run. */
async function runHere(launcher: Launcher): Promise<void> {
  const line = new StatusLine();
  const signal = interruptSignal("Stopped; the same command continues");
  const watch = setInterval(() => void showRunning(launcher, line), 2000);
  let outcome: LocalOutcome;
  try {
    outcome = await launcher.run({ signal, onChange: (message) => line.print(message) });
  } finally {
    clearInterval(watch);
    line.clear();
  }
  await requireDone(launcher, outcome);
}

async function showRunning(launcher: Launcher, line: StatusLine): Promise<void> {
  const running = (await launcher.status()).filter(({ phase }) => phase === "running");
  line.show(running.map((status) => `${status.name} ${progressOf(status)}`.trim()).join("; "));
}

/** @throws {Error} If a job failed; the message has the last lines of its log. */
async function requireDone(launcher: Launcher, { failed, notRun }: LocalOutcome): Promise<void> {
  if (failed.length === 0 && notRun.length === 0) return;
  const logs: string[] = [];
  for (const name of failed) logs.push(`${name}:\n${await lastLines(launcher, name)}`);
  const without = notRun.length > 0 ? `; not run: ${notRun.join(", ")}` : "";
  const message = `${failed.length} of the jobs failed${without}\n\n${logs.join("\n\n")}`;
  throw failed.length > 0 ? new Error(message) : new StoppedError(`Stopped${without}`);
}

async function lastLines(launcher: Launcher, job: string): Promise<string> {
  const text = await launcher.log(job).catch((error: Error) => error.message);
  return text.trimEnd().split("\n").slice(-6).map((line) => `  ${line}`).join("\n");
}

/** Runs the jobs of a launch whose process should outlive the one that launched them. */
async function runDetached(folder: string): Promise<void> {
  const record = await readRecord(folder);
  if (!record) throw new Error(`Cannot run the jobs in ${folder}: it has no launch.json`);
  const log = join(folder, "logs", "local.txt");
  const say = (message: string) =>
    appendTextFile(log, `${new Date().toISOString().slice(0, 19).replace("T", " ")} ${message}\n`);
  try {
    // That jobs failed is in their states.
    await runLocally(record, {
      signal: interruptSignal("Stopped"),
      onChange: (message) => void say(message),
    });
  } catch (error) {
    await say((error as Error).message);
    throw error;
  }
}

/** Returns a table of jobs, a line each. */
function statusLines(statuses: readonly JobStatus[]): string[] {
  const rows = statuses.map((status) => [
    status.name,
    status.phase,
    status.seconds === undefined ? "" : formatDuration(status.seconds),
    progressOf(status),
    status.detail,
  ]);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((text, column) => text.padEnd(widths[column])).join("  ").trimEnd()
  );
  const counts = Map.groupBy(statuses, ({ phase }) => phase);
  return [...lines, [...counts].map(([phase, { length }]) => `${length} ${phase}`).join(", ")];
}

/** Returns how far a training is: its epoch, Dice and time left. */
function progressOf({ phase, training }: JobStatus): string {
  if (!training) return "";
  const { log, epochs, validationDice } = training;
  const done = log.epochEnd.length;
  const dice = validationDice === undefined
    ? done > 0 ? `, pseudo Dice ${log.emaForegroundDice[done - 1].toFixed(3)}` : ""
    : `, Dice ${validationDice.toFixed(3)}`;
  const left = phase === "running" && epochs !== undefined && done > 0 && done < epochs
    ? `, ${formatDuration(secondsOfEpochs(epochs - done, training.log)!)} left`
    : "";
  return `${done}${epochs === undefined ? "" : ` of ${epochs}`} epochs${dice}${left}`;
}
