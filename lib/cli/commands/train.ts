/** `train`: one fold of one configuration. */

import type { Command } from "commander";
import { Plans } from "../../plans.ts";
import type { ConfigurationName } from "../../planning/plans.ts";
import { Trainer } from "../../trainer.ts";
import { type DeviceChoice, deviceChoices, parseDevice } from "../../runtime/device.ts";
import { trainerNames } from "../../training/trainer_variants.ts";
import { parseDatasetId, parseFold, positiveNumber, wholeNumber } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { StatusLine } from "../status_line.ts";
import { formatEpoch, formatTrainingProgress } from "../training_progress.ts";

interface Options {
  p?: string;
  tr?: string;
  c: boolean;
  pretrained_weights?: string;
  disable_checkpointing: boolean;
  epochs?: number;
  iterations?: number;
  val_iterations?: number;
  learning_rate?: number;
  patience?: number;
  time_budget?: number;
  seed?: number;
  loaders?: number;
  threads?: number;
  device?: DeviceChoice;
  root?: string;
}

export function addTrain(program: Command): void {
  program.command("train")
    .description("Train one fold. Ctrl-C keeps the state; --c goes on from it.")
    .argument("<dataset>", "number or name of the data set", parseDatasetId)
    .argument("<configuration>", "2d, 3d_fullres, 3d_lowres or 3d_cascade_fullres")
    .argument("<fold>", "0 to 4, or all", parseFold)
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .option("--tr <trainer>", "one of nnU-Net's trainers, nnUNetTrainer by default")
    .option("--c", "continue from the fold's last checkpoint", false)
    .option(
      "--pretrained_weights <file>",
      "checkpoint to begin with the weights of, but for the segmentation heads",
    )
    .option("--disable_checkpointing", "write no weights to disk", false)
    .option("--epochs <n>", "1000 by default", wholeNumber("--epochs", 1))
    .option(
      "--iterations <n>",
      "training steps an epoch, 250 by default",
      wholeNumber("--iterations", 1),
    )
    .option(
      "--val_iterations <n>",
      "validation steps an epoch, 50 by default",
      wholeNumber("--val_iterations", 1),
    )
    .option(
      "--learning_rate <rate>",
      "of the first epoch, 0.01 by default",
      positiveNumber("--learning_rate"),
    )
    .option(
      "--patience <epochs>",
      "end when the pseudo Dice has not risen for so many epochs",
      wholeNumber("--patience", 1),
    )
    .option(
      "--time_budget <minutes>",
      "end before an epoch that would take all epochs beyond it",
      positiveNumber("--time_budget"),
    )
    .option("--seed <n>", "random numbers follow from it, 0 by default", wholeNumber("--seed"))
    .option("--loaders <n>", "workers that make batches", wholeNumber("--loaders", 1))
    .option("--threads <n>", "threads of a step, all cores by default", wholeNumber("--threads", 1))
    .option(
      "--device <device>",
      `${deviceChoices.join(", ")}; auto, the fastest there is, by default`,
      parseDevice,
    )
    .option("--root <dir>", "folder with nnUNet_raw and the other two")
    .addHelpText("after", `\nTrainers: ${trainerNames.join(", ")}`)
    .action(
      async (
        id: number,
        configuration: ConfigurationName,
        fold: number | "all",
        options: Options,
      ) => {
        const plans = await Plans.open({
          folders: resolveFolders(options.root),
          id,
          plansName: options.p,
        });
        const { time_budget: minutes } = options;
        const trainer = new Trainer(plans, configuration, {
          trainer: options.tr,
          fold,
          epochs: options.epochs,
          iterations: options.iterations,
          validationIterations: options.val_iterations,
          learningRate: options.learning_rate,
          patience: options.patience,
          timeBudget: minutes && minutes * 60,
          seed: options.seed,
          pretrainedWeights: options.pretrained_weights,
          checkpoints: !options.disable_checkpointing,
          loaders: options.loaders,
          threads: options.threads,
          device: options.device,
        });
        const line = new StatusLine();
        const signal = interruptSignal(
          options.disable_checkpointing
            ? "Stopped; no state was kept"
            : `Stopped; the state is in ${trainer.folder}, and --c goes on from it`,
        );
        const epochs = trainer.fit({
          signal,
          resume: options.c,
          onProgress: (progress) => line.show(formatTrainingProgress(progress)),
        });
        for await (const epoch of epochs) line.print(formatEpoch(epoch));
        line.print(`trained: ${trainer.folder}`);
      },
    );
}
