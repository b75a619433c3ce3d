/** When a training ends before its last epoch. */

import type { TrainingLog } from "../interop/training_log.ts";

/** Reasons to end early; none if left out. */
export interface StopOptions {
  /** Epochs without a new best moving average of the pseudo Dice. */
  readonly patience?: number;
  /** Seconds that all epochs together may take, those before an interruption included. */
  readonly timeBudget?: number;
}

/**
 * Why a training is to end after the epochs of its log, if it is.
 *
 * It follows from the log alone, so that a training that was interrupted ends where it would have.
 * An epoch that is not expected to fit into the time budget, going by the mean so far, is not begun.
 */
export function reasonToStop(
  { emaForegroundDice, epochStart, epochEnd }: TrainingLog,
  { patience, timeBudget }: StopOptions,
): string | undefined {
  const epochs = epochEnd.length;
  if (epochs === 0) return undefined;
  if (patience !== undefined) {
    const best = emaForegroundDice.reduce(
      (best, value, epoch) => value > (emaForegroundDice[best] ?? -Infinity) ? epoch : best,
      -1,
    );
    const waited = epochs - 1 - best;
    if (waited >= patience) {
      return `the pseudo Dice has not risen for ${waited} epochs`;
    }
  }
  if (timeBudget !== undefined) {
    const spent = epochEnd.reduce((sum, end, epoch) => sum + end - epochStart[epoch], 0);
    if (spent * (epochs + 1) / epochs > timeBudget) {
      return `another epoch would exceed the time budget of ${timeBudget} s`;
    }
  }
  return undefined;
}
