/** What training notes down, one value an epoch. */

/** Course of a training; all lists are equally long, one entry per finished epoch. */
export interface TrainingLog {
  readonly trainLosses: readonly number[];
  readonly valLosses: readonly number[];
  /** Mean over the foreground classes of the validation patches' Dice. */
  readonly meanForegroundDice: readonly number[];
  /** `meanForegroundDice`, its exponential moving average with weight 0.1 for the newest. */
  readonly emaForegroundDice: readonly number[];
  /** Per epoch one Dice per foreground class or region; NaN where no validation patch had it. */
  readonly dicePerClass: readonly (readonly number[])[];
  readonly learningRates: readonly number[];
  /** Seconds since 1970. */
  readonly epochStart: readonly number[];
  /** Seconds since 1970. */
  readonly epochEnd: readonly number[];
}

/** That of a training before its first epoch's end. */
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
