import assert from "node:assert/strict";
import { insertBox } from "../../lib/array/insert_box.ts";

Deno.test("insertBox() fills the box and leaves the rest at one value", () => {
  const data = Uint8Array.of(1, 2, 3, 4);
  const bounds = [[0, 2], [1, 2], [1, 3]] as const;
  const labels = insertBox(data, bounds, [2, 2, 3]);
  assert.deepEqual(labels, Uint8Array.of(0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4));
  assert.deepEqual([...insertBox(data, bounds, [2, 2, 3], 9)], [
    9,
    9,
    9,
    9,
    1,
    2,
    9,
    9,
    9,
    9,
    3,
    4,
  ]);
});
