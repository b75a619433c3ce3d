import assert from "node:assert/strict";
import { bar, formatDuration } from "../../lib/cli/status_line.ts";
import { formatEpoch, formatTrainingProgress } from "../../lib/cli/training_progress.ts";

Deno.test("formatDuration() shows minutes, and hours if there are any", () => {
  assert.deepEqual([0, 6.6, 59.6, 750, 11100].map(formatDuration), [
    "0:00",
    "0:07",
    "1:00",
    "12:30",
    "3:05:00",
  ]);
  assert.equal(formatDuration(-3), "0:00");
});

Deno.test("bar() fills a fraction of 20 characters", () => {
  assert.equal(bar(0), "░".repeat(20));
  assert.equal(bar(0.25), "█".repeat(5) + "░".repeat(15));
  assert.equal(bar(1.5), "█".repeat(20));
});

Deno.test("formatTrainingProgress() fills its bar over the whole training", () => {
  const progress = {
    epoch: 1,
    epochs: 4,
    phase: "training",
    iteration: 5,
    iterations: 10,
    loss: 0.12345,
    secondsLeft: 61,
  } as const;
  const filled = "█".repeat(8) + "░".repeat(12); // 1.5 of 4 epochs are 7.5 of 20 places
  assert.equal(
    formatTrainingProgress(progress),
    `epoch 2/4 ${filled} training 5/10  loss 0.123  1:01 left`,
  );
  assert.match(formatTrainingProgress({ ...progress, dice: 0.5 }), / {2}pseudo Dice 0\.500 {2}/);
});

Deno.test("formatEpoch() shows the last epoch of the log", () => {
  const log = {
    trainLosses: [1, 0.5],
    valLosses: [1, 0.25],
    meanForegroundDice: [0, 0.75],
    emaForegroundDice: [0, 0.1],
    dicePerClass: [[0, 0], [0.5, NaN]],
    learningRates: [0.01, 0.0091],
    epochStart: [100, 110],
    epochEnd: [110, 112.34],
  };
  assert.equal(
    formatEpoch({ epoch: 1, epochs: 10, log }),
    "epoch  2/10  train loss 0.5000  val loss 0.2500  pseudo Dice 0.7500 (0.500 NaN)  " +
      "lr 0.00910  2.3 s",
  );
});
