import assert from "node:assert/strict";
import { movingAverage, pseudoDice } from "../../../lib/training/step/pseudo_dice.ts";

const step = (tp: number[], fp: number[], fn: number[]) => ({
  loss: 0,
  truePositives: tp,
  falsePositives: fp,
  falseNegatives: fn,
});

Deno.test("pseudoDice() sums counts over all patches before dividing", () => {
  const { perClass, mean } = pseudoDice([
    step([4, 0], [0, 1], [0, 0]),
    step([1, 0], [2, 0], [3, 0]),
  ]);
  // 2·5 / (2·5 + 2 + 3); a class that is predicted but never present has 0.
  assert.deepEqual(perClass, [10 / 15, 0]);
  assert.equal(mean, 1 / 3);
});

Deno.test("pseudoDice() excludes classes that are neither present nor predicted from the mean", () => {
  const { perClass, mean } = pseudoDice([step([3, 0], [0, 0], [2, 0])]);
  assert.deepEqual(perClass, [0.75, NaN]);
  assert.equal(mean, 0.75);
  assert.ok(Number.isNaN(pseudoDice([step([0], [0], [0])]).mean));
});

Deno.test("movingAverage() starts with the first value and skips NaN", () => {
  assert.equal(movingAverage(undefined, 0.4), 0.4);
  assert.ok(Math.abs(movingAverage(0.4, 0.8) - 0.44) < 1e-12);
  assert.equal(movingAverage(0.4, NaN), 0.4);
  assert.equal(movingAverage(NaN, 0.4), 0.4);
  assert.ok(Number.isNaN(movingAverage(undefined, NaN)));
});
