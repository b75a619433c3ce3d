import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { convWeightGradientAsConv } from "../../../lib/lowering/convolution_gradients.ts";
import type { Value } from "../../../lib/graph/graph.ts";
import * as o from "../../../lib/graph/operators.ts";
import {
  fitsWinograd,
  winogradConv,
  winogradWeightGradient,
} from "../../../lib/lowering/cpu/winograd.ts";
import { evaluate } from "../../graph/run_graph.ts";
import { lcg } from "../../golden/lcg.ts";

const pads = [1, 1, 1, 1, 1, 1];

function numbers(shape: readonly number[], seed: number) {
  const random = lcg(seed);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1) };
}

async function assertAlike(
  inputs: readonly (readonly number[])[],
  plain: (...values: Value[]) => Value,
  fast: (...values: Value[]) => Value,
) {
  const values = inputs.map((shape, i) => numbers(shape, i + 1));
  const [expected, found] = await evaluate(values, (...x) => [plain(...x), fast(...x)]);
  assert.deepEqual(found.shape, expected.shape);
  Array.from(found.data, Number).forEach((value, i) =>
    assert.ok(Math.abs(value - Number(expected.data[i])) < 2e-5)
  );
}

for (const depth of [2, 4, 10]) {
  Deno.test(`winogradConv() equals Conv: depth ${depth}`, () =>
    assertAlike(
      [[2, 3, depth, 5, 4], [6, 3, 3, 3, 3], [6]],
      (x, w, bias) => o.conv(x, w, bias, { pads }),
      (x, w, bias) => winogradConv(x, w, bias, { pads }),
    ));

  Deno.test(`winogradWeightGradient() equals the plain gradient: depth ${depth}`, () =>
    assertAlike(
      [[2, 3, depth, 5, 4], [2, 6, depth, 5, 4]],
      (x, dy) => convWeightGradientAsConv(x, dy, [6, 3, 3, 3, 3], { pads }),
      (x, dy) => winogradWeightGradient(x, dy, [6, 3, 3, 3, 3], { pads }, convWeightGradientAsConv),
    ));
}

Deno.test("winogradConv() keeps in-plane kernels and their padding", () =>
  assertAlike(
    [[1, 2, 4, 5, 4], [3, 2, 3, 1, 3]],
    (x, w) => o.conv(x, w, null, { pads: [1, 0, 1, 1, 0, 1] }),
    (x, w) => winogradConv(x, w, undefined, { pads: [1, 0, 1, 1, 0, 1] }),
  ));

Deno.test("fitsWinograd() requires kernel 3, stride 1, padding 1 and an even depth", () => {
  const x = [1, 2, 4, 5, 5];
  assert.ok(fitsWinograd(x, [3, 3, 3], { pads }));
  assert.ok(!fitsWinograd([1, 2, 5, 4, 4], [3, 3, 3], { pads }));
  assert.ok(!fitsWinograd(x, [1, 3, 3], { pads: [0, 1, 1, 0, 1, 1] }));
  assert.ok(!fitsWinograd(x, [3, 3, 3], { pads, strides: [1, 2, 2] }));
  assert.ok(!fitsWinograd(x, [3, 3, 3], { pads, dilations: [2, 1, 1] }));
  assert.ok(!fitsWinograd([1, 2, 4, 4], [3, 3], { pads: [1, 1, 1, 1] }));
});
