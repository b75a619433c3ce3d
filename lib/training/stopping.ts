/** Decides whether a training ends before its last epoch. */

import type { TrainingLog } from "../interop/training_log.ts";

/** When to end a training early; never by default. */
export interface StopOptions {
  /** Number of epochs without a new maximum of the moving average pseudo Dice. */
  readonly patience?: number;
  /** Total seconds for all epochs, including those before an interruption. */
  readonly timeBudget?: number;
}

/**
 * Returns why a training should end after the epochs of its log; undefined if it should continue.
 *
 * The result depends only on the log, so that an interrupted training ends at the same epoch. An
 * epoch that would exceed the time budget, assuming the mean duration so far, is not started.
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
