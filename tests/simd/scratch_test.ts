import assert from "node:assert/strict";
import { changeStrips, forEachStrip, scratchLike } from "../../lib/simd/scratch.ts";

Deno.test("scratchLike() returns arrays of any size that do not overlap", () => {
  for (const like of [new Float32Array(0), new Int16Array(0), new Uint8Array(0)]) {
    const arrays = scratchLike(like, 5, 300_000, 0, 7);
    assert.deepEqual(arrays.map(({ length }) => length), [5, 300_000, 0, 7]);
    let end = 0;
    for (const { byteOffset, byteLength, buffer } of arrays) {
      assert.ok(byteOffset >= end + 64);
      assert.equal(byteOffset % 64, 0);
      end = byteOffset + byteLength;
      assert.ok(end + 64 <= buffer.byteLength);
    }
  }
});

for (const length of [0, 1, 32768, 70_001]) {
  Deno.test(`changeStrips() changes each of ${length} floats once`, () => {
    const values = Float32Array.from({ length }, (_, i) => i);
    let seen = 0;
    forEachStrip(values, (strip, count, from) => {
      assert.equal(from, seen);
      assert.equal(strip[count - 1], from + count - 1);
      seen += count;
    });
    assert.equal(seen, length);
    changeStrips(values, (strip, count) => {
      for (let i = 0; i < count; i++) strip[i]++;
    });
    assert.ok(values.every((value, i) => value === i + 1));
  });
}
