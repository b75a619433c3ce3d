import assert from "node:assert/strict";
import {
  allowedLabels,
  declaredLabels,
  foregroundIntegers,
  foregroundOf,
  hasRegions,
  ignoreLabelOf,
  labelCount,
} from "../../lib/files/dataset_labels.ts";

Deno.test("declaredLabels(), ignoreLabelOf() and hasRegions() read labels and regions", () => {
  const labels = { background: 0, whole: [1, 2, 3], core: [2, 3], ignore: 4 };
  assert.deepEqual(declaredLabels(labels), [0, 1, 2, 3, 4]);
  assert.equal(ignoreLabelOf(labels), 4);
  assert.equal(ignoreLabelOf({ background: 0 }), undefined);
  assert.equal(hasRegions(labels), true);
  assert.equal(hasRegions({ background: 0, a: [1] }), false);
});

Deno.test("foregroundOf() lists labels in ascending order, and regions as declared", () => {
  assert.deepEqual(foregroundOf({ background: 0, b: 2, a: [1], ignore: 3 }), [
    { name: "a", value: 1 },
    { name: "b", value: 2 },
  ]);
  assert.deepEqual(foregroundOf({ background: 0, whole: [1, 2], core: 2 }), [
    { name: "whole", value: [1, 2] },
    { name: "core", value: 2 },
  ]);
});

Deno.test("labelCount() and foregroundIntegers() leave out the ignore label", () => {
  const labels = { background: 0, whole: [1, 2], core: 2, ignore: 3 };
  assert.equal(labelCount(labels), 3);
  assert.deepEqual(foregroundIntegers(labels), [1, 2]);
});

Deno.test("allowedLabels() allows any label beside regions, which is background then", () => {
  assert.deepEqual(allowedLabels({ background: 0, a: 2, b: 1, ignore: 3 }), [0, 1, 2, 3]);
  assert.equal(allowedLabels({ background: 0, whole: [1, 2], core: 2 }), undefined);
});
