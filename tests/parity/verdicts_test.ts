import assert from "node:assert/strict";
import type { Fingerprint } from "../../lib/files/plans.ts";
import { countForeground } from "./foreground.ts";
import { findDifference } from "./fingerprints.ts";
import { largestDifference } from "./patch_logits.ts";
import { judge } from "./training_outcome.ts";

const properties = {
  mean: 5,
  median: 5,
  std: 2,
  min: 0,
  max: 10,
  percentile005: 1,
  percentile995: 9,
};
const fingerprint = (changes: Partial<typeof properties> = {}): Fingerprint => ({
  spacings: [[1, 1, 1]],
  shapesAfterCrop: [[8, 8, 8]],
  medianRelativeSizeAfterCropping: 1,
  intensityProperties: [{ ...properties, ...changes }],
});

Deno.test("findDifference() takes NaN for a difference unless both sides have it", () => {
  assert.equal(findDifference(fingerprint(), fingerprint()), undefined);
  for (const key of Object.keys(properties)) {
    const broken = fingerprint({ [key]: NaN });
    assert.match(findDifference(broken, fingerprint()) ?? "", /NaN/);
    assert.match(findDifference(fingerprint(), broken) ?? "", /NaN/);
    if (key !== "std") assert.equal(findDifference(broken, broken), undefined);
  }
  assert.match(findDifference(fingerprint({ mean: 5.2 }), fingerprint()) ?? "", /mean/);
  const none = { ...fingerprint(), intensityProperties: [] };
  assert.match(findDifference(fingerprint(), none) ?? "", /1 channels, expected 0/);
});

Deno.test("largestDifference() is NaN if an element is, and refuses other lengths", () => {
  assert.equal(largestDifference(Float32Array.of(1, 2), Float32Array.of(1, 5)), 3);
  assert.equal(largestDifference(Float32Array.of(1, NaN), Float32Array.of(1, 5)), NaN);
  assert.throws(() => largestDifference(Float32Array.of(1), Float32Array.of(1, 5)), RangeError);
});

Deno.test("countForeground() counts labels above 0", () => {
  assert.equal(countForeground(Int8Array.of(-1, 0, 1, 2)), 2);
});

Deno.test("judge() wants a small difference that is known well", () => {
  const around = (middle: number, spread: number) =>
    [-1, -0.5, 0.5, 1].map((side) => middle + side * spread);
  const missed = (ours: number[], nnunetv2: number[]) =>
    judge("shapes", { ours, nnunetv2 }, 10).missed !== undefined;
  assert.ok(!missed(around(0.8, 0.002), around(0.801, 0.002)));
  assert.ok(missed(around(0.8, 0.002), around(0.807, 0.002)));
  assert.ok(missed(around(0.807, 0.002), around(0.8, 0.002)));
  assert.ok(missed(around(0.8, 0.02), around(0.8, 0.02)));
  assert.ok(missed([0.8], [0.8]), "one seed says nothing");
  assert.ok(missed([0, 0, 0, 0], [0, 0, 0, 0]), "trainings that learn nothing agree");
});
