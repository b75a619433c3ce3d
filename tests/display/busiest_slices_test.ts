import assert from "node:assert/strict";
import { busiestSlices } from "../../lib/display/busiest_slices.ts";

Deno.test("busiestSlices() takes the slices with most labels of the first map that has any", () => {
  const labels = new Uint8Array(3 * 4 * 5);
  labels[(2 * 4 + 1) * 5 + 3] = 7;
  assert.deepEqual(busiestSlices([labels], [3, 4, 5]), [2, 1, 3]);
  assert.deepEqual(busiestSlices([undefined, new Uint8Array(60), labels], [3, 4, 5]), [2, 1, 3]);
  assert.deepEqual(busiestSlices([undefined], [3, 4, 5]), [1, 2, 2]);
});
