import assert from "node:assert/strict";
import type { Zyx } from "../../lib/array/nd_array.ts";
import { classDetails, confusionOf, summarizeDetails } from "../../lib/evaluation/details.ts";
import { compareLabels, countLabelPairs } from "../../lib/evaluation/overlap.ts";
import { formatDetails } from "../../lib/files/details_json.ts";
import type { LabelOrRegion } from "../../lib/files/summary.ts";

const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const segmentation = (labels: readonly number[], shape: Zyx, spacing: Zyx) => ({
  geometry: { shape, spacing, affine: identity },
  data: Uint8Array.from(labels),
});

function evaluate(
  reference: readonly number[],
  prediction: readonly number[],
  labels: readonly LabelOrRegion[],
  ignoreLabel?: number,
) {
  const shape: Zyx = [1, 2, reference.length / 2];
  const spacing: Zyx = [5, 2, 0.5];
  const [a, b] = [reference, prediction].map((each) => segmentation(each, shape, spacing));
  const overlaps = compareLabels(a.data, b.data, labels, ignoreLabel);
  const tolerances = labels.map(() => 1);
  return {
    referenceFile: "",
    predictionFile: "",
    classes: classDetails(a, b, overlaps, { labels, ignoreLabel, tolerances }),
    confusion: confusionOf(countLabelPairs(a.data, b.data, [0, 1, 2], ignoreLabel)),
  };
}

const options = { labels: [1, 2], tolerances: [1, 1], confusionLabels: [0, 1, 2] };

Deno.test("classDetails() measures volumes in mm³ and differences as predicted minus true", () => {
  const { classes: [one, , both] } = evaluate(
    [1, 1, 1, 1, 0, 0],
    [1, 1, 0, 0, 0, 2],
    [1, 2, [1, 2]],
  );
  assert.equal(one.referenceVolume, 20);
  assert.equal(one.predictedVolume, 10);
  assert.equal(one.volumeDifference, -10);
  assert.equal(one.relativeVolumeDifference, -0.5);
  assert.equal(both.volumeDifference, -5);
});

Deno.test("classDetails() has no relative difference for an absent class", () => {
  const { classes: [one] } = evaluate([0, 0], [0, 1], [1]);
  assert.deepEqual([one.relativeVolumeDifference, one.surfaceDice], [NaN, 0]);
});

Deno.test("classDetails() measures a class in a corner the same as elsewhere", () => {
  // The box of a class has a margin, except at the volume's border.
  const inCorner = evaluate([1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0], [1]);
  const inside = evaluate([0, 1, 0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0, 0, 0], [1]);
  assert.deepEqual(inCorner.classes, inside.classes);
});

Deno.test("classDetails() and the confusion exclude ignored voxels", () => {
  const plain = evaluate([1, 0, 0, 0], [1, 0, 0, 0], [1]);
  const ignored = evaluate([1, 0, 3, 3], [1, 0, 1, 2], [1], 3);
  assert.deepEqual(ignored.classes[0].volumeDifference, plain.classes[0].volumeDifference);
  assert.deepEqual(ignored.confusion, [[1, 0, 0], [0, 1, 0], [0, 0, 0]]);
});

Deno.test("summarizeDetails() averages over cases that have the class and counts unmatched ones", () => {
  const cases = [
    evaluate([1, 0, 0, 0], [1, 1, 0, 0], [1, 2]),
    evaluate([1, 0, 0, 0], [0, 0, 0, 0], [1, 2]),
    evaluate([0, 0, 0, 0], [0, 0, 0, 0], [1, 2]),
  ];
  const { mean: [one, two], confusion } = summarizeDetails(cases, options);
  assert.equal(one.unmatched, 1);
  assert.equal(one.hausdorff95, cases[0].classes[0].hausdorff95);
  assert.equal(one.surfaceDice, cases[0].classes[0].surfaceDice / 2);
  assert.equal(one.volumeDifference, 0);
  assert.equal(one.absoluteVolumeDifference, 5);
  assert.deepEqual([two.unmatched, two.surfaceDice], [0, NaN]);
  assert.deepEqual(confusion, [[9, 1, 0], [1, 1, 0], [0, 0, 0]]);
});

Deno.test("formatDetails() writes JSON like Python, with units in the keys", () => {
  const details = summarizeDetails([evaluate([1, 0], [0, 0], [1, 2])], options);
  const text = formatDetails(details);
  assert.match(text, /"tolerance_mm": \{\n {8}"1": 1\.0,/);
  assert.match(text, /"HD95_mm": Infinity/);
  assert.match(text, /"n_unmatched": 1/);
});
