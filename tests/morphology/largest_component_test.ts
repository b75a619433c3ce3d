import assert from "node:assert/strict";
import { keepLargestComponent } from "../../lib/morphology/largest_component.ts";
import golden from "../golden/components.json" with { type: "json" };

Deno.test("keepLargestComponent() agrees with nnU-Net", () => {
  for (const { shape, data, largestOf12 } of golden) {
    const labels = Uint8Array.from(data);
    keepLargestComponent(labels, shape, [1, 2]);
    assert.deepEqual([...labels], largestOf12, `${shape}`);
  }
});

Deno.test("keepLargestComponent() keeps every component of the largest size", () => {
  const labels = Uint8Array.of(1, 1, 0, 1, 0, 2, 1, 0, 3, 3, 3);
  keepLargestComponent(labels, [11], [1, 2]);
  assert.deepEqual([...labels], [1, 1, 0, 0, 0, 2, 1, 0, 3, 3, 3]);
});

Deno.test("keepLargestComponent() leaves a map without the labels unchanged", () => {
  const labels = Uint16Array.of(0, 500, 0);
  keepLargestComponent(labels, [3], [1, 2]);
  assert.deepEqual([...labels], [0, 500, 0]);
});
