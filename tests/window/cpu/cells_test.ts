import assert from "node:assert/strict";
import { cellsOf, segmentAxis } from "../../../lib/window/cpu/cells.ts";

Deno.test("segmentAxis() splits an axis where tiles begin and end", () => {
  assert.deepEqual(segmentAxis([0, 2, 4], 4, 8), [
    { begin: 0, end: 2, lastTile: 0 },
    { begin: 2, end: 4, lastTile: 1 },
    { begin: 4, end: 6, lastTile: 2 },
    { begin: 6, end: 8, lastTile: 2 },
  ]);
  // A tile larger than the axis begins before it.
  assert.deepEqual(segmentAxis([-1], 4, 2), [{ begin: 0, end: 2, lastTile: 0 }]);
  const one = segmentAxis([0], 3, 3);
  assert.deepEqual(cellsOf([one, one, segmentAxis([0, 1], 2, 3)]).map(({ origin }) => origin), [
    [0, 0, 0],
    [0, 0, 1],
    [0, 0, 2],
  ]);
});
