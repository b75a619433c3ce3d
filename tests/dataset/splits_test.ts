import assert from "node:assert/strict";
import fc from "fast-check";
import { createSplits, selectFold } from "../../lib/dataset/splits.ts";
import golden from "../golden/splits.json" with { type: "json" };

/** Returns names that sort by number. */
function caseNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `case_${String(index).padStart(4, "0")}`);
}

for (const { count, validation } of golden.folds) {
  Deno.test(`createSplits() splits ${count} cases as scikit-learn does`, () => {
    const names = caseNames(count);
    const splits = createSplits(names.toReversed());
    const indices = splits.map((split) => split.validation.map((name) => names.indexOf(name)));
    assert.deepEqual(indices, validation);
  });
}

Deno.test("createSplits() trains each fold on all other cases, in order", () => {
  fc.assert(fc.property(fc.integer({ min: 5, max: 60 }), (count) => {
    const names = caseNames(count);
    for (const { train, validation } of createSplits(names)) {
      assert.deepEqual(train, names.filter((name) => !validation.includes(name)));
    }
  }));
});

Deno.test('createSplits() rejects fewer than 5 cases and suggests fold "all"', () => {
  assert.throws(() => createSplits(caseNames(4)), {
    name: "RangeError",
    message:
      'Cannot split 4 cases into 5 folds: expected at least 5; use fold "all" to train on all cases',
  });
});

for (const { count, fold, train } of golden.beyond) {
  Deno.test(`selectFold() draws fold ${fold} of ${count} cases as nnU-Net does`, () => {
    const names = caseNames(count);
    const split = selectFold([], fold, names);
    assert.deepEqual(split.train, train.map((index) => names[index]));
    assert.deepEqual(split.validation, names.filter((name) => !split.train.includes(name)));
  });
}

Deno.test("selectFold() returns a fold of the list unchanged", () => {
  const splits = [{ train: ["b"], validation: ["a"] }, { train: ["a"], validation: ["b"] }];
  assert.deepEqual(selectFold(splits, 1, ["a", "b", "c"]), splits[1]);
});

Deno.test('selectFold() trains and validates fold "all" on all cases', () => {
  assert.deepEqual(selectFold([], "all", ["b", "a"]), {
    train: ["a", "b"],
    validation: ["a", "b"],
  });
});

Deno.test("selectFold() rejects invalid folds", () => {
  assert.throws(() => selectFold([], -1, ["a"]), RangeError);
  assert.throws(() => selectFold([], 0.5, ["a"]), RangeError);
});
