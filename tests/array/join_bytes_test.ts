import assert from "node:assert/strict";
import { joinBytes } from "../../lib/array/join_bytes.ts";

Deno.test("joinBytes() joins in order, in an array of its own", () => {
  const first = Uint8Array.of(1, 2);
  const joined = joinBytes([first, new Uint8Array(), Uint8Array.of(3)]);
  assert.deepEqual(joined, Uint8Array.of(1, 2, 3));
  assert.deepEqual(joinBytes([]), new Uint8Array());
  assert.notEqual(joinBytes([first]).buffer, first.buffer);
});
