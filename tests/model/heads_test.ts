import assert from "node:assert/strict";
import { headsOf } from "../../lib/model/heads.ts";

Deno.test("headsOf() counts a head for every label but the ignored one", () => {
  assert.deepEqual(headsOf({ labels: { background: 0, a: 1, b: 2 } }), { count: 3 });
  assert.deepEqual(headsOf({ labels: { background: 0, a: 1, ignore: 2 } }), {
    count: 2,
    ignoreLabel: 2,
  });
});

Deno.test("headsOf() makes a head of every region, with its label in the output", () => {
  const labels = { background: 0, whole: [1, 2], core: 2, ignore: 3 };
  assert.deepEqual(headsOf({ labels, regionsClassOrder: [1, 2] }), {
    count: 2,
    regions: [{ labels: [1, 2], outputLabel: 1 }, { labels: [2], outputLabel: 2 }],
    ignoreLabel: 3,
  });
});

Deno.test("headsOf() requires a place in the order for every region", () => {
  const labels = { background: 0, whole: [1, 2], core: 2 };
  assert.throws(() => headsOf({ labels, regionsClassOrder: [1] }), {
    name: "RangeError",
    message: /regionsClassOrder has 1 label/,
  });
  assert.throws(() => headsOf({ labels }), { name: "RangeError", message: /has 0 labels/ });
});
