import assert from "node:assert/strict";
import { appendPreviousStage } from "../../lib/preprocessing/cascade_input.ts";

const image = { shape: [1, 1, 2, 2], data: Float32Array.of(0.5, 1.5, 2.5, 3.5) };

Deno.test("appendPreviousStage() appends a channel per foreground label, in the plan's order", () => {
  const segmentation = { shape: [1, 2, 2], data: Int8Array.of(-1, 3, 0, 1) };
  const { shape, data } = appendPreviousStage(image, segmentation, [3, 1, 2]);
  assert.deepEqual(shape, [4, 1, 2, 2]);
  assert.deepEqual([...data], [0.5, 1.5, 2.5, 3.5, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  assert.deepEqual([...image.data], [0.5, 1.5, 2.5, 3.5]);
});

Deno.test("appendPreviousStage() rejects a different grid", () => {
  assert.throws(
    () => appendPreviousStage(image, { shape: [1, 2, 1], data: Int8Array.of(0, 1) }, [1]),
    { name: "TypeError", message: /its shape is 1 × 2 × 1, expected the image's 1 × 2 × 2/ },
  );
});
