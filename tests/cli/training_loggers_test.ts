import assert from "node:assert/strict";
import { join } from "@std/path";
import { trainingLoggers } from "../../lib/cli/training_loggers.ts";
import type { Trainer } from "../../lib/trainer.ts";
import type { TrainingEvent } from "../../lib/training/loggers/training_logger.ts";
import { emptyLog } from "../../lib/interop/training_log.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const trainer = {
  plans: { plansData: { datasetName: "Dataset001_Tiny" } },
  modelFolder: "results/nnUNetTrainer__nnUNetPlans__2d",
  folder: "results/nnUNetTrainer__nnUNetPlans__2d/fold_0",
} as unknown as Trainer;

/** The loggers that variables and an option choose, and what is printed. */
function choose(variables: Readonly<Record<string, string>>, tensorboard?: string) {
  const printed: string[] = [];
  const loggers = trainingLoggers({
    ...{ tensorboard, trainer, print: (line) => printed.push(line) },
    variables: (name) => variables[name],
  });
  return { loggers, printed };
}

Deno.test("trainingLoggers() follows nnU-Net's variables for Weights & Biases", () => {
  const on = { nnUNet_wandb_enabled: "1" };
  assert.equal(choose({}).loggers.length, 0);
  assert.equal(choose({ nnUNet_wandb_enabled: "False" }).loggers.length, 0);
  assert.equal(choose(on).loggers.length, 1);
  assert.equal(choose({ nnUNet_wandb_enabled: "true" }).loggers.length, 1);
  assert.equal(choose({ ...on, nnUNet_wandb_mode: "disabled" }).loggers.length, 0);
  assert.throws(() => choose({ nnUNet_wandb_enabled: "yes" }), {
    message: 'Cannot train: nnUNet_wandb_enabled is "yes", expected one of 0, False, false, 1, ' +
      "True, true",
  });
  assert.throws(
    () => choose({ ...on, nnUNet_wandb_mode: "dry" }),
    /nnUNet_wandb_mode is "dry", expected one of online, offline, disabled$/,
  );
});

Deno.test("trainingLoggers() says how to upload a run, and that nothing is sent", () =>
  withTemporaryFolder(async (folder) => {
    const event: TrainingEvent = {
      ...{ event: "start", folder, settings: {}, plans: {}, datasetJson: {}, log: emptyLog },
    };
    const online = choose({ nnUNet_wandb_enabled: "1" });
    await online.loggers[0](event);
    const offline = choose({ nnUNet_wandb_enabled: "1", nnUNet_wandb_mode: "offline" });
    await offline.loggers[0](event);
    const upload = /upload the run with: wandb sync .*wandb[/\\]offline-run-\S+$/;
    assert.match(online.printed[0], /^Weights & Biases: nothing is sent from here; upload/);
    assert.match(offline.printed[0], /^Weights & Biases: upload/);
    for (const { printed } of [online, offline]) assert.match(printed[0], upload);
  }));

Deno.test("trainingLoggers() gives each fold a folder for TensorBoard", () =>
  withTemporaryFolder(async (folder) => {
    const { loggers, printed } = choose({}, folder);
    const log = emptyLog;
    await loggers[0]({ event: "start", folder, settings: {}, plans: {}, datasetJson: {}, log });
    const run = join(folder, "Dataset001_Tiny", "nnUNetTrainer__nnUNetPlans__2d", "fold_0");
    assert.equal(namesIn(run).length, 1);
    assert.deepEqual(printed, [
      `TensorBoard: ${run}; show it with: tensorboard --logdir ${folder}`,
    ]);
  }));
