import assert from "node:assert/strict";
import { ball } from "../../lib/morphology/structuring_element.ts";
import golden from "../golden/morphology.json" with { type: "json" };

Deno.test("ball() agrees with scikit-image's disks and balls for integer and fractional radii", () => {
  for (const { radius, axes, shape, data } of golden.elements) {
    const element = ball(radius, axes as 2 | 3);
    assert.deepEqual(element.shape, shape);
    assert.equal(element.data.join(""), data, `radius ${radius}, ${axes} axes`);
  }
});

Deno.test("ball() rejects a radius that reaches no neighbour", () => {
  assert.throws(() => ball(0.4, 3), {
    name: "RangeError",
    message: "Cannot create a ball: radius is 0.4, expected at least 0.5",
  });
});
