import assert from "node:assert/strict";
import { centredBox, extentsOf, isWithin } from "../../lib/array/box.ts";

Deno.test("centredBox() aligns the middle voxels", () => {
  assert.deepEqual(centredBox([73, 5, 4], [40, 2, 5]).origin, [16, 1, 0]);
});

Deno.test("isWithin() compares both ends of a box with the volume", () => {
  assert.ok(isWithin({ origin: [0, 1, 2], size: [3, 3, 3] }, [3, 4, 5]));
  assert.ok(!isWithin({ origin: [0, 1, -1], size: [3, 3, 3] }, [3, 4, 5]));
  assert.ok(!isWithin({ origin: [0, 1, 3], size: [3, 3, 3] }, [3, 4, 5]));
});

Deno.test("extentsOf() counts the voxels between bounds", () => {
  assert.deepEqual(extentsOf([[0, 3], [2, 2], [5, 9]]), [3, 0, 4]);
});
