import assert from "node:assert/strict";
import { headsOf } from "../../lib/model/heads.ts";

Deno.test("headsOf() returns one head per label except the ignore label", () => {
  assert.deepEqual(headsOf({ labels: { background: 0, a: 1, b: 2 } }), { count: 3 });
  assert.deepEqual(headsOf({ labels: { background: 0, a: 1, ignore: 2 } }), {
    count: 2,
    ignoreLabel: 2,
  });
});

Deno.test("headsOf() returns one head per region, with its output label", () => {
  const labels = { background: 0, whole: [1, 2], core: 2, ignore: 3 };
  assert.deepEqual(headsOf({ labels, regionsClassOrder: [1, 2] }), {
    count: 2,
    regions: [{ labels: [1, 2], outputLabel: 1 }, { labels: [2], outputLabel: 2 }],
    ignoreLabel: 3,
  });
});

Deno.test("headsOf() requires an output label for every region", () => {
  const labels = { background: 0, whole: [1, 2], core: 2 };
  assert.throws(() => headsOf({ labels, regionsClassOrder: [1] }), {
    name: "RangeError",
    message: /regionsClassOrder has 1 label/,
  });
  assert.throws(() => headsOf({ labels }), { name: "RangeError", message: /has 0 labels/ });
});

Deno.test("headsOf() keeps regions in declared order, each with its own output label", () => {
  // As nnU-Net's LabelManager: sorted neither by size nor by output label.
  const labels = { background: 0, core: [2, 3], whole: [1, 2, 3], edge: 2 };
  assert.deepEqual(headsOf({ labels, regionsClassOrder: [3, 1, 2] }).regions, [
    { labels: [2, 3], outputLabel: 3 },
    { labels: [1, 2, 3], outputLabel: 1 },
    { labels: [2], outputLabel: 2 },
  ]);
});
