import assert from "node:assert/strict";
import type { View } from "../../lib/display/anatomical_views.ts";
import { cutPlane, resizeLinear, resizeNearest } from "../../lib/display/plane.ts";

const volume = Float32Array.from({ length: 24 }, (_, i) => i); // (2, 3, 4)

Deno.test("cutPlane() cuts along any axis and reverses axes as needed", () => {
  const coronal: View = {
    name: "coronal",
    across: { axis: 2, reversed: true },
    down: { axis: 0, reversed: true },
    through: 1,
  };
  const plane = cutPlane(volume, [2, 3, 4], coronal, 2);
  assert.deepEqual([plane.width, plane.height], [4, 2]);
  assert.deepEqual([...plane.data], [23, 22, 21, 20, 11, 10, 9, 8]);
});

Deno.test("resizeNearest() repeats pixels", () => {
  const plane = { width: 2, height: 1, data: Float32Array.of(1, 7) };
  assert.deepEqual([...resizeNearest(plane, 4, 2).data], [1, 1, 7, 7, 1, 1, 7, 7]);
});

Deno.test("resizeLinear() interpolates between pixel centres", () => {
  const plane = { width: 2, height: 1, data: Float32Array.of(0, 4) };
  assert.deepEqual([...resizeLinear(plane, 4, 1).data], [0, 1, 3, 4]);
});

Deno.test("resizeLinear() averages when downsampling", () => {
  const stripes = Float32Array.from({ length: 64 }, (_, i) => i % 2);
  const { data } = resizeLinear({ width: 64, height: 1, data: stripes }, 4, 1);
  for (const value of data.subarray(1, 3)) assert.ok(Math.abs(value - 0.5) < 0.05, String(value));
});
