/** Updates a training's state at the end of an epoch. */

import { movingAverage, pseudoDice, type ValidationStep } from "./step/pseudo_dice.ts";
import type { RunState } from "./training_state.ts";

/**
 * Adds a finished epoch to a training's log and starts the next one.
 *
 * @param state The state after the epoch's training steps.
 * @param steps The epoch's validation steps.
 * @param learningRate The epoch's learning rate.
 * @returns The new state, and whether the moving average of the pseudo Dice reached a new maximum.
 */
export function endEpoch(
  state: RunState,
  steps: readonly ValidationStep[],
  learningRate: number,
): { readonly state: RunState; readonly isBest: boolean } {
  const { epoch, epochLosses, epochStart, bestEma, log } = state;
  const dice = pseudoDice(steps);
  const ema = movingAverage(log.emaForegroundDice.at(-1), dice.mean);
  // It is NaN if no validation patch had foreground, and NaN would remain the best forever.
  const isBest = !Number.isNaN(ema) && (bestEma === null || ema > bestEma);
  return {
    isBest,
    state: {
      ...state,
      epoch: epoch + 1,
      epochLosses: [],
      bestEma: isBest ? ema : bestEma,
      log: {
        trainLosses: [...log.trainLosses, mean(epochLosses)],
        valLosses: [...log.valLosses, mean(steps.map(({ loss }) => loss))],
        meanForegroundDice: [...log.meanForegroundDice, dice.mean],
        emaForegroundDice: [...log.emaForegroundDice, ema],
        dicePerClass: [...log.dicePerClass, dice.perClass],
        learningRates: [...log.learningRates, learningRate],
        epochStart: [...log.epochStart, epochStart],
        epochEnd: [...log.epochEnd, Date.now() / 1000],
      },
    },
  };
}

/** Returns the mean of numbers; NaN if there are none. */
export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
