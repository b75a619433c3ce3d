import assert from "node:assert/strict";
import { greyLevels, quantiles } from "../../lib/display/grey_levels.ts";

Deno.test("greyLevels() spreads the range over 0 to 255 and clips what is outside", () => {
  const values = Float32Array.of(-5, 0, 5, 10, 20);
  assert.deepEqual([...greyLevels(values, [0, 10])], [0, 0, 128, 255, 255]);
  assert.deepEqual([...greyLevels(values, [0, 10], 2)], [0, 0, 255, 255, 255]);
  assert.deepEqual([...greyLevels(Float32Array.of(3, 3), [3, 3])], [0, 0]);
});

Deno.test("quantiles() ignores the few extreme values", () => {
  const values = Float32Array.from({ length: 1001 }, (_, i) => i);
  values[1000] = 1e6;
  assert.deepEqual(quantiles(values, 0.01, 0.99), [10, 990]);
});
