import assert from "node:assert/strict";
import { zyx } from "../../lib/array/nd_array.ts";

Deno.test("zyx() accepts exactly three values", () => {
  assert.deepEqual(zyx([3, 1, 2]), [3, 1, 2]);
  assert.throws(() => zyx([1, 2]), {
    name: "RangeError",
    message: "Cannot read [1,2] as (z, y, x): found 2 values, expected 3",
  });
});
