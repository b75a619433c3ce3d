/** `train`: trains one fold of one configuration. */

import { join } from "../../platform/paths.ts";
import { type Command, Option } from "../../packages/commander.ts";
import { fileNames } from "../../files/paths.ts";
import { readSummary } from "../../files/summary_file.ts";
import type { InferenceProgress } from "../../inference/case_pipeline.ts";
import { Plans } from "../../plans.ts";
import type { ConfigurationName } from "../../files/plans.ts";
import { Trainer } from "../../trainer.ts";
import { INITIAL_LEARNING_RATE } from "../../training/schedule.ts";
import { trainerDefaults } from "../../training/resolve_options.ts";
import type { TrainerOptions } from "../../training/training_options.ts";
import { type DeviceChoice, deviceChoices, parseDevice } from "../../runtime/device.ts";
import type { TrainingStart } from "../../training/training_start.ts";
import { BENCHMARK_FILE } from "../../training/benchmark_result.ts";
import { trainerNames } from "../../training/trainer_variants.ts";
import { parseDatasetId, parseFold, positiveNumber, wholeNumber } from "../arguments.ts";
import { textOf } from "../command_wording.ts";
import { UsageError } from "../exit_codes.ts";
import { resolveFolders } from "../folders.ts";
import { formatInferenceProgress } from "../inference_progress.ts";
import { interruptSignal } from "../interrupt.ts";
import { StatusLine } from "../status_line.ts";
import { trainingLoggers } from "../training_loggers.ts";
import { formatEpoch, formatTrainingProgress, formatTrainingStart } from "../training_progress.ts";

interface Options {
  p?: string;
  tr?: string;
  c: boolean;
  pretrained_weights?: string;
  disable_checkpointing: boolean;
  npz: boolean;
  val: boolean;
  val_best: boolean;
  skip_val: boolean;
  overwrite: boolean;
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
  num_gpus: number;
  precision?: TrainerOptions["precision"];
  tensorboard?: string;
  root?: string;
}

export function addTrain(program: Command): void {
  program.command("train")
    .description("Train one fold. Ctrl-C stops and keeps the state; --c resumes from it.")
    .argument("<dataset>", "number or name of the data set", parseDatasetId)
    .argument("<configuration>", "2d, 3d_fullres, 3d_lowres or 3d_cascade_fullres")
    .argument("<fold>", "0 to 4, or all; a number beyond them is a random split", parseFold)
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .option("--tr <trainer>", `one of nnU-Net's trainers, ${trainerDefaults.trainer} by default`)
    .option(
      "--c",
      "resume from the fold's latest checkpoint, with the options that the training began with " +
        "unless they are given again; after the last epoch, finish the validation",
      false,
    )
    .option(
      "--pretrained_weights <file>",
      "checkpoint whose weights to start from, except the segmentation heads'",
    )
    .option("--npz", "also write the validation's probabilities, for ensembles", false)
    .option("--val", "only validate, after a finished training", false)
    .option("--val_best", "validate with checkpoint_best.pth", false)
    .option("--skip_val", "do not validate whole cases after training", false)
    .option(
      "--overwrite",
      "remove the results of an earlier training of the fold instead of renaming their folder; " +
        "with --c or --val, validate all cases again",
      false,
    )
    .option("--disable_checkpointing", "do not write checkpoints", false)
    .option("--epochs <n>", `${trainerDefaults.epochs} by default`, wholeNumber("--epochs", 1))
    .option(
      "--iterations <n>",
      `training steps per epoch, ${trainerDefaults.iterations} by default`,
      wholeNumber("--iterations", 1),
    )
    .option(
      "--val_iterations <n>",
      `validation steps per epoch, ${trainerDefaults.validationIterations} by default`,
      wholeNumber("--val_iterations", 1),
    )
    .option(
      "--learning_rate <rate>",
      `learning rate of the first epoch, ${INITIAL_LEARNING_RATE} by default`,
      positiveNumber("--learning_rate"),
    )
    .option(
      "--patience <epochs>",
      "stop when the pseudo Dice has not risen for this many epochs",
      wholeNumber("--patience", 1),
    )
    .option(
      "--time_budget <minutes>",
      "stop before an epoch that would exceed this total time",
      positiveNumber("--time_budget"),
    )
    .option(
      "--seed <n>",
      `seed of the random numbers, ${trainerDefaults.seed} by default`,
      wholeNumber("--seed"),
    )
    .option("--loaders <n>", "workers that prepare batches", wholeNumber("--loaders", 1))
    .option(
      "--threads <n>",
      "threads per step, one per core by default",
      wholeNumber("--threads", 1),
    )
    .option(
      "--device <device>",
      `${deviceChoices.join(", ")}; auto, the fastest available, by default`,
      parseDevice,
    )
    .option(
      "--num_gpus <n>",
      "nnU-Net's number of GPUs for one fold, which is 1 here; folds run at once, one per GPU",
      wholeNumber("--num_gpus", 1),
      1,
    )
    .addOption(
      new Option(
        "--precision <precision>",
        "precision of convolutions; mixed uses float16; auto, mixed on CUDA only, by default",
      ).choices(["auto", "float32", "mixed"]),
    )
    .option("--tensorboard <dir>", "also write events for TensorBoard, a folder in it per fold")
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .addHelpText("after", `\nTrainers: ${trainerNames.join(", ")}`)
    .addHelpText(
      "after",
      "\nWith nnUNet_wandb_enabled=1, also writes an offline run for Weights & Biases into the " +
        "fold's folder;\nnnUNet_wandb_project and nnUNet_wandb_mode are as for Python's nnU-Net.",
    )
    .action(
      async (
        id: number,
        configuration: ConfigurationName,
        fold: number | "all",
        options: Options,
      ) => {
        requireCompatible(options);
        requireOneGpu(options.num_gpus, { id, configuration });
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
          checkpoints: options.disable_checkpointing ? false : undefined,
          loaders: options.loaders,
          threads: options.threads,
          device: options.device,
          precision: options.precision,
        });
        const line = new StatusLine();
        const signal = interruptSignal(stopMessage(options, trainer.folder));
        const onValidation = (progress: InferenceProgress) =>
          line.show(formatInferenceProgress(progress));
        const onWarning = (message: string, reason?: Error) =>
          line.print(`Warning: ${reason ? textOf(reason, options.root) : message}`);
        const { overwrite } = options;
        const onStart = (start: TrainingStart) => line.print(formatTrainingStart(start));
        const loggers = options.val ? [] : trainingLoggers({
          tensorboard: options.tensorboard,
          trainer,
          print: (text) => line.print(text),
          variables: (name) => Deno.env.get(name),
        });
        const validation = {
          saveProbabilities: options.npz,
          checkpoint: options.val_best ? fileNames.checkpointBest : undefined,
        };
        if (options.val) {
          await trainer.validate({
            ...validation,
            overwrite,
            signal,
            onStart,
            onProgress: onValidation,
            onWarning,
          });
        } else {
          const epochs = trainer.fit({
            signal,
            resume: options.c,
            overwrite,
            onStart,
            onProgress: (progress) => line.show(formatTrainingProgress(progress)),
            validation: options.skip_val ? false : validation,
            onValidation,
            onWarning,
            loggers,
          });
          for await (const report of epochs) {
            line.print(formatEpoch(report));
            const { epoch, epochs: planned, stopped } = report;
            if (stopped) line.print(`Stopped after ${epoch + 1} of ${planned} epochs: ${stopped}`);
          }
          line.print(
            trainer.isBenchmark
              ? `Measured: ${join(trainer.folder, BENCHMARK_FILE)}`
              : `Trained ${trainer.folder}`,
          );
        }
        if (options.skip_val || trainer.isBenchmark) return;
        const summary = join(trainer.folder, fileNames.validation, fileNames.summary);
        const { foregroundMean } = await readSummary(summary);
        line.print(`Validated: mean foreground Dice ${foregroundMean.dice.toFixed(4)}, ${summary}`);
      },
    );
}

/** @throws {UsageError} If options contradict each other. */
function requireCompatible(options: Options): void {
  const both = (a: keyof Options, b: keyof Options) => {
    if (!options[a] || !options[b]) return;
    throw new UsageError(`Cannot use --${a} with --${b}: pass only one of them`);
  };
  both("c", "val");
  both("c", "pretrained_weights");
  both("val", "skip_val");
  both("val", "disable_checkpointing");
  both("val", "tensorboard");
  both("val_best", "skip_val");
  both("val_best", "disable_checkpointing");
}

/** @throws {UsageError} If several GPUs are asked for; it says how to use them. */
function requireOneGpu(
  count: number,
  { id, configuration }: { readonly id: number; readonly configuration: string },
): void {
  if (count === 1) return;
  const [first, second] = [0, 1].map((gpu) =>
    `CUDA_VISIBLE_DEVICES=${gpu} deno task nnunet train ${id} ${configuration} ${gpu}`
  );
  throw new UsageError(
    `Cannot use --num_gpus ${count}: a fold is trained on one GPU. To use ${count}, train that ` +
      `many folds at once, each on its own GPU: ${first} & ${second} & …`,
  );
}

/** Returns the message to show after Ctrl-C. */
function stopMessage({ val, disable_checkpointing }: Options, folder: string): string {
  if (val) return `Stopped; finished cases are in ${join(folder, fileNames.validation)}`;
  if (disable_checkpointing) return "Stopped; no state was kept";
  return `Stopped; the state is in ${folder}; resume with --c`;
}
