/** The log of a training, with one value per epoch. */

/** Log of a training; all lists have one entry per finished epoch. */
export interface TrainingLog {
  /** Mean loss of the training patches. */
  readonly trainLosses: readonly number[];
  /** Mean loss of the validation patches. */
  readonly valLosses: readonly number[];
  /** Mean over the foreground classes of the validation patches' Dice. */
  readonly meanForegroundDice: readonly number[];
  /** Exponential moving average of `meanForegroundDice`, with weight 0.1 for the latest. */
  readonly emaForegroundDice: readonly number[];
  /** Dice per epoch and foreground class or region; NaN if no validation patch had it. */
  readonly dicePerClass: readonly (readonly number[])[];
  /** Learning rate. */
  readonly learningRates: readonly number[];
  /** Start of each epoch, in seconds since 1970. */
  readonly epochStart: readonly number[];
  /** End of each epoch, in seconds since 1970. */
  readonly epochEnd: readonly number[];
}

/** Log of a training before the end of its first epoch. */
export const emptyLog: TrainingLog = {
  trainLosses: [],
  valLosses: [],
  meanForegroundDice: [],
  emaForegroundDice: [],
  dicePerClass: [],
  learningRates: [],
  epochStart: [],
  epochEnd: [],
};
