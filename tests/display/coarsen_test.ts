import assert from "node:assert/strict";
import { blockLabels, blockMeans, coarseShape, strideFor } from "../../lib/display/coarsen.ts";

Deno.test("strideFor() merges the finest axes first", () => {
  assert.deepEqual(strideFor([10, 20, 20], [5, 1, 1], 4000), [1, 1, 1]);
  assert.deepEqual(strideFor([10, 20, 20], [5, 1, 1], 1000), [1, 2, 2]);
});

Deno.test("blockMeans() and blockLabels() cover incomplete blocks at the end", () => {
  const stride = [1, 1, 2] as const;
  assert.deepEqual(coarseShape([1, 1, 3], stride), [1, 1, 2]);
  assert.deepEqual([...blockMeans(Float32Array.of(1, 3, 7), [1, 1, 3], stride)], [2, 7]);
  assert.deepEqual([...blockLabels(Uint8Array.of(1, 3, 7), [1, 1, 3], stride)], [3, 7]);
});
