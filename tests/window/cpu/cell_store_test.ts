import assert from "node:assert/strict";
import { CellStore } from "../../../lib/window/cpu/cell_store.ts";

Deno.test("CellStore keeps buffers in use and restores the others from its file", () => {
  using store = new CellStore(3 * 4 * 4);
  const none = new Set<number>();
  for (let i = 0; i < 5; i++) store.use(i, 4, none).fill(i + 1);
  assert.equal(store.spilledBytes, 2 * 16);
  const pinned = new Set([0, 1, 2, 3, 4]);
  const buffers = [0, 1, 2, 3, 4].map((i) => store.use(i, 4, pinned));
  assert.deepEqual(buffers.map((buffer) => buffer[3]), [1, 2, 3, 4, 5]);
  assert.deepEqual(store.take(2, 4), Float32Array.of(3, 3, 3, 3));
  assert.deepEqual(store.use(2, 4, none), new Float32Array(4), "what was taken begins anew");
});
