/** Defines what follows a training from outside, such as TensorBoard, and passes it what happens. */

import type { EvaluationSummary } from "../../files/summary.ts";
import type { TrainingLog } from "../../interop/training_log.ts";
import { reasonOf } from "../../options/reason_of.ts";
import { addWarning } from "../log_files.ts";
import type { TrainingSettings } from "../training_settings.ts";

/**
 * Follows a training: called after each event, one call after another, and waited for. If it fails,
 * the training goes on without it, with a warning. Events come in the order start, epochs, validation,
 * end; a training that is stopped ends without the last two.
 *
 * @example Printing losses
 * ```ts ignore
 * import type { TrainingLogger } from "nnunet";
 *
 * const printLosses: TrainingLogger = (event) => {
 *   if (event.event === "epoch") console.log(event.epoch, event.log.trainLosses.at(-1));
 * };
 * for await (const { epoch } of trainer.fit({ loggers: [printLosses] })) console.log(epoch);
 * ```
 */
export type TrainingLogger = (event: TrainingEvent) => void | Promise<void>;

/** Something that happened in a training. */
export type TrainingEvent = TrainingBegin | EpochEnd | ValidationEnd | TrainingEnd;

/**
 * A training begins or resumes. What a logger has of earlier runs may be incomplete or too long,
 * because they were killed; `log` is what the training continues from.
 */
export interface TrainingBegin {
  /** The kind of event. */
  readonly event: "start";
  /** Folder of the fold's results. */
  readonly folder: string;
  /** The settings, as in the fold's `training_log.jsonl`. */
  readonly settings: TrainingSettings;
  /** The plans as nnU-Net's file has them. */
  readonly plans: unknown;
  /** The data set's `dataset.json`. */
  readonly datasetJson: unknown;
  /** All finished epochs; none in a new training. */
  readonly log: TrainingLog;
}

/** An epoch has ended, and its state is saved. */
export interface EpochEnd {
  /** The kind of event. */
  readonly event: "epoch";
  /** The epoch, from 0. */
  readonly epoch: number;
  /** Log of all epochs up to this one. */
  readonly log: TrainingLog;
}

/** All is done: the training and, unless it is skipped, the validation. */
export interface TrainingEnd {
  /** The kind of event. */
  readonly event: "end";
  /** Number of epochs. */
  readonly epochs: number;
}

/** The fold's cases are validated, which is before the end. */
export interface ValidationEnd {
  /** The kind of event. */
  readonly event: "validation";
  /** The scores. */
  readonly scores: EvaluationSummary;
}

/** The loggers of a training, of which those that fail are left out from then on. */
export class Loggers {
  #active: readonly TrainingLogger[];
  readonly #folder: string;
  readonly #warn: ((message: string) => void) | undefined;

  /**
   * @param loggers Called in this order.
   * @param folder Folder of the fold's results, whose log gets warnings.
   * @param warn Called with warnings.
   */
  constructor(
    loggers: readonly TrainingLogger[],
    folder: string,
    warn: ((message: string) => void) | undefined,
  ) {
    this.#active = loggers;
    this.#folder = folder;
    this.#warn = warn;
  }

  /** Passes an event to all loggers. */
  async pass(event: TrainingEvent): Promise<void> {
    for (const logger of this.#active) {
      try {
        await logger(event);
      } catch (error) {
        this.#active = this.#active.filter((other) => other !== logger);
        const name = logger.name ? ` ${logger.name}` : "";
        const message = `The logger${name} failed and is not called any more: ${reasonOf(error)}`;
        this.#warn?.(message);
        await addWarning(this.#folder, message);
      }
    }
  }
}

/** An epoch's values with the keys of nnU-Net's log; classes are numbered from 1, as there. */
export function epochValues(log: TrainingLog, epoch: number): Record<string, number> {
  const classes = log.dicePerClass[epoch].map((dice, i) =>
    [`dice_per_class_or_region/class_${i + 1}`, dice] as const
  );
  return {
    lrs: log.learningRates[epoch],
    train_losses: log.trainLosses[epoch],
    val_losses: log.valLosses[epoch],
    mean_fg_dice: log.meanForegroundDice[epoch],
    ema_fg_dice: log.emaForegroundDice[epoch],
    ...Object.fromEntries(classes),
    epoch_start_timestamps: log.epochStart[epoch],
    epoch_end_timestamps: log.epochEnd[epoch],
  };
}

/** The scores of a validation with the keys of nnU-Net's log. */
export function validationValues(
  { labels, mean, foregroundMean }: EvaluationSummary,
): Record<string, number> {
  const classes = mean.map(({ dice }, i) => [`final_val/class_${keyOf(labels[i])}_dice`, dice]);
  return {
    ...Object.fromEntries(classes),
    "final_val/foreground_dice": foregroundMean.dice,
  };
}

/** A label, or a region's labels as Python writes a tuple. */
function keyOf(label: number | readonly number[]): string {
  return typeof label === "number" ? `${label}` : `(${label.join(", ")})`;
}
