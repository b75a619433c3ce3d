import assert from "node:assert/strict";
import { emptyLog } from "../../lib/interop/training_log.ts";
import { endEpoch } from "../../lib/training/epoch_end.ts";

const started = {
  epoch: 0,
  epochLosses: [3, 1],
  epochStart: 100,
  seed: 0,
  bestEma: null,
  log: emptyLog,
};

/** Returns a validation step of one class. */
const step = (truePositives: number, falsePositives: number) => ({
  loss: 0.5,
  truePositives: [truePositives],
  falsePositives: [falsePositives],
  falseNegatives: [0],
});

Deno.test("endEpoch() adds an epoch's means to the log and starts the next epoch", () => {
  const { state, isBest } = endEpoch(started, [step(1, 2), step(3, 2)], 0.01);
  assert.equal(isBest, true);
  assert.equal(state.epoch, 1);
  assert.deepEqual(state.epochLosses, []);
  const { epochEnd: _, ...log } = state.log;
  assert.deepEqual(log, {
    trainLosses: [2],
    valLosses: [0.5],
    meanForegroundDice: [2 / 3],
    emaForegroundDice: [2 / 3],
    dicePerClass: [[2 / 3]],
    learningRates: [0.01],
    epochStart: [100],
  });
});

Deno.test("endEpoch() finds the best epoch by the moving average", () => {
  const first = endEpoch(started, [step(4, 0)], 0.01).state;
  const worse = endEpoch(first, [step(1, 9)], 0.01);
  assert.equal(worse.isBest, false);
  assert.equal(worse.state.bestEma, 1);
  assert.equal(
    endEpoch(started, [step(0, 0)], 0.01).isBest,
    false,
    "an epoch without Dice is not the best",
  );
});

Deno.test("endEpoch() keeps the earlier of two epochs with the same moving average", () => {
  const first = endEpoch(started, [step(4, 0)], 0.01);
  const second = endEpoch(first.state, [step(7, 0)], 0.01);
  assert.deepEqual(second.state.log.emaForegroundDice, [1, 1]);
  assert.deepEqual([first.isBest, second.isBest], [true, false]);
});
