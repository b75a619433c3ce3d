import assert from "node:assert/strict";
import fc from "fast-check";
import { compareLabels } from "../../lib/evaluation/overlap.ts";

Deno.test("compareLabels() counts voxels of every kind", () => {
  const reference = Uint8Array.of(0, 1, 1, 1, 2, 2);
  const prediction = Uint8Array.of(1, 1, 1, 0, 2, 1);
  const [one, two] = compareLabels(reference, prediction, [1, 2]);
  assert.deepEqual(one, {
    dice: 4 / 7,
    iou: 2 / 5,
    truePositives: 2,
    falsePositives: 2,
    falseNegatives: 1,
    trueNegatives: 1,
    predicted: 4,
    reference: 3,
  });
  assert.equal(two.dice, 2 / 3);
});

Deno.test("compareLabels() returns NaN for a class in neither map and 0 for one only predicted", () => {
  const [absent, invented] = compareLabels(Uint8Array.of(0, 0), Uint8Array.of(0, 5), [4, 5]);
  assert.ok(Number.isNaN(absent.dice) && Number.isNaN(absent.iou));
  assert.equal(invented.dice, 0);
});

Deno.test("compareLabels() treats a region's labels as one class", () => {
  const [whole] = compareLabels(Uint8Array.of(0, 1, 2, 3), Uint8Array.of(3, 2, 1, 0), [[1, 2]]);
  assert.equal(whole.dice, 1);
});

Deno.test("compareLabels() excludes voxels with the ignore label in the reference only", () => {
  const reference = Uint8Array.of(9, 9, 1, 0);
  const prediction = Uint8Array.of(1, 0, 1, 9);
  const [overlap] = compareLabels(reference, prediction, [1], 9);
  assert.deepEqual(
    [overlap.truePositives, overlap.falsePositives, overlap.falseNegatives, overlap.trueNegatives],
    [1, 0, 0, 1],
  );
});

Deno.test("compareLabels() reads labels beyond 255", () => {
  const [overlap] = compareLabels(Uint16Array.of(300, 44), Uint16Array.of(300, 44), [300]);
  assert.equal(overlap.truePositives, 1);
});

Deno.test("compareLabels() rejects maps of different length", () => {
  assert.throws(
    () => compareLabels(new Uint8Array(3), new Uint8Array(4), [1]),
    new TypeError("Cannot compare label maps: prediction has 4 voxels, expected the reference's 3"),
  );
});

Deno.test("compareLabels() is symmetric in Dice and counts every voxel once", () => {
  const pairs = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1 });
  fc.assert(fc.property(pairs, (voxels) => {
    const a = Uint8Array.from(voxels, ([label]) => label);
    const b = Uint8Array.from(voxels, ([, label]) => label);
    const [there, back] = [compareLabels(a, b, [1, [1, 2]]), compareLabels(b, a, [1, [1, 2]])];
    for (const [i, overlap] of there.entries()) {
      assert.equal(overlap.dice, back[i].dice);
      assert.equal(overlap.falsePositives, back[i].falseNegatives);
      const { truePositives, falsePositives, falseNegatives, trueNegatives } = overlap;
      assert.equal(truePositives + falsePositives + falseNegatives + trueNegatives, voxels.length);
    }
  }));
});
