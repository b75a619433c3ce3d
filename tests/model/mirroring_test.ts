import assert from "node:assert/strict";
import { mirrorings } from "../../lib/model/mirroring.ts";

Deno.test("mirrorings() lists every subset of the axes once, the empty one first", () => {
  assert.deepEqual(mirrorings([]), [[]]);
  assert.deepEqual(mirrorings([0, 1]), [[], [0], [1], [0, 1]]);
  const subsets = mirrorings([0, 1, 2]).map((axes) => axes.join());
  assert.equal(new Set(subsets).size, 8);
});
