/** Formats the progress of a training for the terminal. */

import type { EpochReport } from "../trainer.ts";
import type { TrainingStart } from "../training/training_start.ts";
import type { TrainingProgress } from "../training/training_progress.ts";
import { count } from "../options/count.ts";
import { bar, formatDuration } from "./status_line.ts";

/**
 * Formats what a training is about to do: cases, patch, device, folder, time and notices.
 *
 * @param start As `Trainer.fit()` reports it.
 * @returns A few lines of text.
 *
 * @example
 * ```ts
 * import { formatTrainingStart } from "nnunet/cli";
 * import assert from "node:assert/strict";
 *
 * const text = formatTrainingStart({
 *   dataset: "Dataset004_Hippocampus",
 *   configuration: "3d_fullres",
 *   fold: 0,
 *   folder: "results/fold_0",
 *   trainingCases: 208,
 *   validationCases: 52,
 *   validatedCases: 0,
 *   patchSize: [40, 56, 40],
 *   batchSize: 9,
 *   device: "cpu",
 *   epochs: 1000,
 *   finishedEpochs: 0,
 *   notices: ["Found no checkpoint in results/fold_0: this is a new training"],
 * });
 * assert.equal(
 *   text,
 *   "Dataset004_Hippocampus, 3d_fullres, fold 0: 208 training cases, 52 validation cases\n" +
 *     "patch 40 × 56 × 40, batch 9, 1000 epochs, on cpu\n" +
 *     "results in results/fold_0\n" +
 *     "Note: Found no checkpoint in results/fold_0: this is a new training",
 * );
 * ```
 */
export function formatTrainingStart(start: TrainingStart): string {
  const { dataset, configuration, fold, folder, trainingCases, validationCases } = start;
  const { patchSize, batchSize, device, epochs, finishedEpochs, secondsLeft, notices } = start;
  const done = finishedEpochs === 0
    ? ""
    : finishedEpochs < epochs
    ? `, ${finishedEpochs} of them finished`
    : ", all finished";
  return [
    `${dataset}, ${configuration}, fold ${fold}: ${count(trainingCases, "training case")}, ` +
    count(validationCases, "validation case"),
    `patch ${patchSize.join(" × ")}, batch ${batchSize}, ${
      count(epochs, "epoch")
    }${done}, on ${device}`,
    `results in ${folder}`,
    ...secondsLeft ? [`about ${formatDuration(secondsLeft)} of training left`] : [],
    ...notices.map((notice) => `Note: ${notice}`),
  ].join("\n");
}

/**
 * Formats the status line of a training: epoch, step, loss, pseudo Dice and time left.
 *
 * @param progress As `Trainer.fit()` reports it.
 * @returns One line of text.
 *
 * @example
 * ```ts
 * import { formatTrainingProgress } from "nnunet/cli";
 * import assert from "node:assert/strict";
 *
 * const line = formatTrainingProgress({
 *   epoch: 0,
 *   epochs: 20,
 *   phase: "training",
 *   iteration: 5,
 *   iterations: 36,
 *   loss: 0.25,
 *   secondsLeft: 90,
 * });
 * assert.match(line, /^epoch 1\/20 .* training 5\/36  loss 0\.250  1:30 left$/);
 * ```
 */
export function formatTrainingProgress(progress: TrainingProgress): string {
  const { epoch, epochs, phase, iteration, iterations, loss, dice, secondsLeft } = progress;
  const share = (epoch + (phase === "training" ? iteration / iterations : 1)) / epochs;
  const score = dice === undefined ? "" : `  pseudo Dice ${dice.toFixed(3)}`;
  return `epoch ${epoch + 1}/${epochs} ${bar(share)} ${phase} ${iteration}/${iterations}  ` +
    `loss ${loss.toFixed(3)}${score}  ${formatDuration(secondsLeft)} left`;
}

/**
 * Formats a finished epoch: losses, pseudo Dice per class, learning rate and duration.
 *
 * @param report As `Trainer.fit()` yields it.
 * @returns One line of text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatEpoch } from "nnunet/cli";
 *
 * const log = {
 *   trainLosses: [0.5],
 *   valLosses: [0.4],
 *   meanForegroundDice: [0.7],
 *   emaForegroundDice: [0.7],
 *   dicePerClass: [[0.6, 0.8]],
 *   learningRates: [0.01],
 *   epochStart: [0],
 *   epochEnd: [12],
 * };
 * const line = formatEpoch({ epoch: 0, epochs: 50, log });
 * assert.match(line, /^epoch  1\/50  train loss 0\.5000 .* \(0\.600 0\.800\) .* 12\.0 s$/);
 * ```
 */
export function formatEpoch({ epoch, epochs, log }: EpochReport): string {
  const last = (values: readonly number[]) => values.at(-1)!;
  const perClass = log.dicePerClass.at(-1)!.map((dice) => dice.toFixed(3)).join(" ");
  const seconds = last(log.epochEnd) - last(log.epochStart);
  return `epoch ${`${epoch + 1}`.padStart(`${epochs}`.length)}/${epochs}  ` +
    `train loss ${last(log.trainLosses).toFixed(4)}  val loss ${last(log.valLosses).toFixed(4)}  ` +
    `pseudo Dice ${last(log.meanForegroundDice).toFixed(4)} (${perClass})  ` +
    `lr ${last(log.learningRates).toFixed(5)}  ${seconds.toFixed(1)} s`;
}
