import assert from "node:assert/strict";
import { freeArray, keepFreedMemory, takeArray } from "../../lib/array/reused_arrays.ts";

Deno.test("freeArray() releases memory, or keeps it for reuse once the thread enables that", () => {
  const lost = takeArray(Float32Array, 100);
  freeArray(lost);
  assert.equal(lost.length, 0);

  keepFreedMemory();
  const [first, second] = [takeArray(Float32Array, 100), takeArray(Float32Array, 60)];
  freeArray(first);
  freeArray(second);
  const again = takeArray(Uint8Array, 200);
  assert.equal(again.length, 200);
  assert.equal(again.buffer, second.buffer, "the smallest that fits is taken");
  assert.equal(takeArray(Uint8Array, 400).buffer, first.buffer);
});

Deno.test("takeArray() releases kept memory that does not fit", () => {
  keepFreedMemory();
  const [small, large] = [takeArray(Uint8Array, 100), takeArray(Uint8Array, 1000)];
  freeArray(small);
  freeArray(large);
  assert.equal(takeArray(Uint8Array, 200).length, 200);
  assert.deepEqual([small.buffer.byteLength, large.buffer.byteLength], [0, 0]);
});
