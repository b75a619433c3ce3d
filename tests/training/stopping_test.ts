import assert from "node:assert/strict";
import type { TrainingLog } from "../../lib/interop/training_log.ts";
import { reasonToStop } from "../../lib/training/stopping.ts";

/** Creates a log with these moving averages and ten seconds per epoch. */
function logOf(emaForegroundDice: readonly number[]): TrainingLog {
  const same = emaForegroundDice.map(() => 0);
  return {
    trainLosses: same,
    valLosses: same,
    meanForegroundDice: same,
    emaForegroundDice,
    dicePerClass: same.map(() => [0]),
    learningRates: same,
    epochStart: same.map((_, epoch) => 100 * epoch),
    epochEnd: same.map((_, epoch) => 100 * epoch + 10),
  };
}

Deno.test("reasonToStop() returns nothing without options or before the first epoch", () => {
  assert.equal(reasonToStop(logOf([0.1, 0, 0, 0]), {}), undefined);
  assert.equal(reasonToStop(logOf([]), { patience: 1, timeBudget: 1 }), undefined);
});

Deno.test("reasonToStop() waits `patience` epochs for a better pseudo Dice", () => {
  const stops = (emas: number[]) => reasonToStop(logOf(emas), { patience: 2 });
  assert.equal(stops([0.1, 0.2, 0.1]), undefined);
  assert.equal(stops([0.1, 0.2, 0.2, 0.1]), "the pseudo Dice has not risen for 2 epochs");
  assert.equal(stops([0.1, 0.2, 0.1, 0.3]), undefined);
  assert.equal(stops([NaN]), undefined);
  assert.equal(stops([NaN, NaN]), "the pseudo Dice has not risen for 2 epochs");
});

Deno.test("reasonToStop() stops before an epoch that would exceed the time budget", () => {
  const stops = (timeBudget: number) => reasonToStop(logOf([0, 0, 0]), { timeBudget });
  assert.equal(stops(40), undefined);
  assert.equal(stops(39), "another epoch would exceed the time budget of 39 s");
});
