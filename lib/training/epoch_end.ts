/** What an epoch leaves in a training's state. */

import { movingAverage, pseudoDice, type ValidationStep } from "./pseudo_dice.ts";
import type { RunState } from "./training_state.ts";

/**
 * The state at the end of an epoch, whose training losses it has.
 *
 * @param steps The epoch's validation.
 * @param learningRate The epoch's.
 * @returns The state, and whether the moving average of the pseudo Dice is higher than ever.
 */
export function endEpoch(
  state: RunState,
  steps: readonly ValidationStep[],
  learningRate: number,
): { readonly state: RunState; readonly isBest: boolean } {
  const { epoch, epochLosses, epochStart, bestEma, log } = state;
  const dice = pseudoDice(steps);
  const ema = movingAverage(log.emaForegroundDice.at(-1), dice.mean);
  // NaN, where no validation patch had foreground, would stay the best for ever.
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

/** The mean of some numbers; NaN if there are none. */
export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
