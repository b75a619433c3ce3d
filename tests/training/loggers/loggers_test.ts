/** Tests what follows a training: functions, TensorBoard, and Weights & Biases. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { EvaluationSummary } from "../../../lib/files/summary.ts";
import { emptyLog, type TrainingLog } from "../../../lib/interop/training_log.ts";
import { tensorBoardLogger } from "../../../lib/training/loggers/tensorboard_logger.ts";
import type {
  TrainingEvent,
  TrainingLogger,
} from "../../../lib/training/loggers/training_logger.ts";
import { wandbLogger } from "../../../lib/training/loggers/wandb_logger.ts";
import { Trainer } from "../../../lib/trainer.ts";
import { namesIn } from "../../dataset/sample_folders.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { makeTinyPlans, withOwnResults } from "../../tiny_scans.ts";
import { runPython, testWithPython } from "../../with_python.ts";
import { readEvents, readRun } from "./event_file_reader.ts";

/** The log of some epochs; the second one has no Dice for the second class. */
function logOf(epochs: number): TrainingLog {
  const values = (first: number) => Array.from({ length: epochs }, (_, i) => first + i / 8);
  return {
    ...emptyLog,
    trainLosses: values(0.5),
    valLosses: values(-0.25),
    meanForegroundDice: values(0.125),
    emaForegroundDice: values(0.0625),
    dicePerClass: values(0.5).map((dice, i) => [dice, i === 1 ? NaN : dice / 2]),
    learningRates: values(0.015625),
    epochStart: values(1700000000),
    epochEnd: values(1700000001),
  };
}

const start = (folder: string, epochs: number): TrainingEvent => ({
  event: "start",
  folder,
  settings: { dataset: "Dataset001_Tiny", configuration: "2d", fold: 0, name: "x".repeat(70000) },
  plans: { plans_name: "nnUNetPlans" },
  datasetJson: { labels: {} },
  log: logOf(epochs),
});
const epoch = (epoch: number): TrainingEvent => ({ event: "epoch", epoch, log: logOf(epoch + 1) });
const scores = {
  labels: [1, [1, 2]],
  mean: [{ dice: 0.75 }, { dice: 0.5 }],
  foregroundMean: { dice: 0.625 },
} as unknown as EvaluationSummary;

/** A training of five epochs that a kill interrupts after three, one of which is repeated. */
async function interrupted(folder: string, make: () => TrainingLogger): Promise<void> {
  const first = make();
  await first(start(folder, 0));
  for (const i of [0, 1, 2]) await first(epoch(i));
  const second = make();
  await second(start(folder, 2)); // The third epoch's state was not saved.
  for (const i of [2, 3, 4]) await second(epoch(i));
  await second({ event: "validation", scores });
  await second({ event: "end", epochs: 5 });
}

function newestFile(folder: string): string {
  return join(folder, namesIn(folder).at(-1)!);
}

/** The path of the only run of a fold. */
function runIn(folder: string): string {
  const runs = namesIn(join(folder, "wandb")).filter((name) => name.startsWith("offline-run-"));
  assert.equal(runs.length, 1);
  return newestFile(join(folder, "wandb", runs[0]));
}

Deno.test("tensorBoardLogger() has each epoch once after a kill, in one file", () =>
  withTemporaryFolder(async (folder) => {
    await interrupted(folder, () => tensorBoardLogger(folder));
    assert.equal(namesIn(folder).length, 1);
    const scalars = readEvents(await Deno.readFile(newestFile(folder)));
    const log = logOf(5);
    assert.deepEqual(scalars.get("train_losses"), log.trainLosses.map((loss, i) => [i, loss]));
    assert.deepEqual(scalars.get("lrs"), log.learningRates.map((rate, i) => [i, rate]));
    assert.deepEqual(
      scalars.get("dice_per_class_or_region/class_2"),
      log.dicePerClass.map(([, dice], i) => [i, dice]),
    );
    assert.deepEqual(scalars.get("final_val/foreground_dice"), [[4, 0.625]]);
    assert.deepEqual(scalars.get("final_val/class_(1, 2)_dice"), [[4, 0.5]]);
  }));

Deno.test("wandbLogger() continues the same run after a kill, with each epoch once", () =>
  withTemporaryFolder(async (folder) => {
    await interrupted(folder, () => wandbLogger());
    const { kinds, rows } = readRun(await Deno.readFile(runIn(folder)));
    const log = logOf(5);
    assert.deepEqual(rows.map((row) => row.train_losses), log.trainLosses.map(String));
    assert.deepEqual(rows.map((row) => row._step), ["0", "1", "2", "3", "4"]);
    assert.equal(rows[1]["dice_per_class_or_region/class_2"], "NaN");
    const epochs = Array.from({ length: 5 }, () => [2, 3]).flat();
    assert.deepEqual(kinds, [21, 17, 5, ...epochs, 3, 18]);
    assert.equal((await Deno.readLink(join(folder, "wandb", "latest-run"))).slice(0, 7), "offline");
  }));

Deno.test("files of both loggers are readable up to where a kill cuts them", () =>
  withTemporaryFolder(async (folder) => {
    const events = join(folder, "events");
    await interrupted(folder, () => tensorBoardLogger(events));
    await interrupted(folder, () => wandbLogger());
    const [tensorBoard, wandb] = [newestFile(events), runIn(folder)];
    for (const cut of [1, 9, 20, 200]) {
      const content = await Deno.readFile(tensorBoard);
      assert.ok(readEvents(content.subarray(0, -cut)).get("lrs")!.length >= 4);
      const run = await Deno.readFile(wandb);
      assert.ok(readRun(run.subarray(0, -cut)).rows.length >= 4);
    }
  }));

Deno.test("wandbLogger() continues a run of Python's, and uploads it again", () =>
  withTemporaryFolder(async (folder) => {
    const python = join(folder, "wandb", "run-20260101_120000-py123456");
    await Deno.mkdir(python, { recursive: true });
    await Deno.writeTextFile(join(python, "run-py123456.wandb"), "");
    await wandbLogger()(start(folder, 2));
    const path = runIn(folder);
    assert.match(path, /offline-run-\d{8}_\d{6}-py123456\/run-py123456\.wandb$/);
    await Deno.writeTextFile(`${path}.synced`, "");
    await wandbLogger()(start(folder, 2));
    assert.deepEqual(namesIn(path.replace(/\/[^/]*$/, "")), ["run-py123456.wandb"]);
    // A new training is a new run.
    await wandbLogger()(start(folder, 0));
    assert.equal(
      namesIn(join(folder, "wandb")).filter((name) => name.startsWith("offline-run-")).length,
      2,
    );
  }));

testWithPython("TensorBoard and Weights & Biases read what is written for them", async (folder) => {
  const events = join(folder, "events");
  await interrupted(events, () => tensorBoardLogger(events));
  await interrupted(folder, () => wandbLogger({ project: "hearts", config: { JobID: "7" } }));
  const script = join(import.meta.dirname!, "read_logs.py");
  const found = JSON.parse(await runPython(script, events, runIn(folder)));
  if (found.missing) { // An environment made before these packages were in its list.
    console.warn(`Not compared: ${found.missing}; run deno task test:python`);
    return;
  }
  const log = logOf(5);
  const nullable = (value: number) => Number.isNaN(value) ? null : value;
  assert.equal(found.events.files, 1);
  assert.deepEqual(found.events.tensors, ["settings"]);
  assert.deepEqual(found.events.val_losses, log.valLosses.map((loss, i) => [i, loss]));
  assert.deepEqual(
    found.events["dice_per_class_or_region/class_2"],
    log.dicePerClass.map(([, dice], i) => [i, nullable(dice)]),
  );
  const { run } = found;
  assert.equal(run.project, "hearts");
  assert.equal(run.config.JobID, "7");
  assert.deepEqual(run.config.plans, { plans_name: "nnUNetPlans" });
  assert.equal(run.config.hparas.name.length, 70000); // Longer than a block of the log.
  assert.deepEqual(
    run.history.map((row: Record<string, number>) => row.train_losses),
    log.trainLosses,
  );
  assert.deepEqual(run.history[1]["dice_per_class_or_region/class_2"], null);
  assert.equal(run.summary.current_epoch, 4);
  assert.equal(run.summary["final_val/foreground_dice"], 0.625);
  assert.equal(run.kinds.at(-1), "exit");
});

Deno.test("Trainer.fit() passes events to loggers, and goes on without those that fail", async () => {
  const { plans, root } = await makeTinyPlans();
  try {
    const trainer = new Trainer(withOwnResults(plans, root), "3d_fullres", {
      ...{ epochs: 2, iterations: 1, validationIterations: 1, threads: 1, loaders: 1 },
    });
    const events: TrainingEvent[] = [];
    const warnings: string[] = [];
    let calls = 0;
    const options = {
      onWarning: (message: string) => warnings.push(message),
      loggers: [
        function broken() {
          calls++;
          throw new Error("no space");
        },
        (event: TrainingEvent) => void events.push(event),
      ],
    };
    for await (const { epoch } of trainer.fit(options)) if (epoch === 0) break;
    assert.deepEqual(events.map(({ event }) => event), ["start", "epoch"]);
    assert.equal(calls, 1);
    assert.deepEqual(warnings, [
      "The logger broken failed and is not called any more: no space",
    ]);
    await Array.fromAsync(trainer.fit({ ...options, resume: true }));
    const kinds = events.map(({ event }) => event);
    assert.deepEqual(kinds.slice(2), ["start", "epoch", "validation", "end"]);
    const [resumed] = events.slice(2);
    assert.ok(resumed.event === "start" && resumed.log.epochEnd.length === 1);
    // After the end, only the validation is completed.
    await Array.fromAsync(trainer.fit({ loggers: options.loggers.slice(1), resume: true }));
    assert.deepEqual(events.slice(6).map(({ event }) => event), ["start", "validation", "end"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
