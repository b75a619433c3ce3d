import assert from "node:assert/strict";
import { insertBox, writeBox } from "../../lib/array/insert_box.ts";

Deno.test("insertBox() fills the box and sets the rest to one value", () => {
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

Deno.test("writeBox() leaves what is outside the box", () => {
  const volume = new Float32Array(8).fill(9);
  writeBox(Float32Array.of(1, 2), { origin: [0, 0, 1], size: [1, 2, 1] }, volume, [2, 2, 2]);
  assert.deepEqual(volume, Float32Array.of(9, 1, 9, 2, 9, 9, 9, 9));
});
