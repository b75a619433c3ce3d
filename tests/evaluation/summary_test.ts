import assert from "node:assert/strict";
import { compareLabels } from "../../lib/evaluation/overlap.ts";
import { summarize } from "../../lib/evaluation/summary.ts";

function evaluate(reference: number[], prediction: number[], labels: number[]) {
  return {
    referenceFile: "",
    predictionFile: "",
    overlaps: compareLabels(Uint8Array.from(reference), Uint8Array.from(prediction), labels),
  };
}

Deno.test("summarize() excludes absent classes from a label's mean", () => {
  const { mean, foregroundMean } = summarize([1, 2], [
    evaluate([1, 2], [1, 2], [1, 2]),
    evaluate([1, 0], [0, 0], [1, 2]),
  ]);
  assert.deepEqual(mean.map((overlap) => overlap.dice), [0.5, 1]);
  assert.equal(mean[1].truePositives, 0.5); // Counts are averaged over both cases.
  assert.equal(foregroundMean.dice, 0.75);
});

Deno.test("summarize() excludes background from the foreground mean", () => {
  const { foregroundMean } = summarize([0, 1], [evaluate([0, 1], [1, 1], [0, 1])]);
  assert.equal(foregroundMean.dice, 2 / 3);
});

Deno.test("summarize() returns a NaN foreground mean if a class is in no case", () => {
  const { foregroundMean } = summarize([1, 2], [evaluate([1], [1], [1, 2])]);
  assert.ok(Number.isNaN(foregroundMean.dice));
});

Deno.test("summarize() rejects an evaluation without cases or foreground", () => {
  assert.throws(() => summarize([1], []), RangeError);
  assert.throws(() => summarize([0], [evaluate([0], [0], [0])]), RangeError);
});
