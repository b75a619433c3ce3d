import assert from "node:assert/strict";
import type { ParameterSpec } from "../../lib/network/network.ts";
import { withPretrained } from "../../lib/training/pretrained.ts";

const parameters: ParameterSpec[] = [
  { name: "encoder.weight", shape: [2, 1], initialization: 0 },
  { name: "decoder.seg_layers.0.bias", shape: [2], initialization: 0 },
  { name: "decoder.weight", shape: [1], initialization: 0 },
];
const array = (shape: number[], ...values: number[]) => ({
  shape,
  data: Float32Array.from(values),
});

Deno.test("withPretrained() replaces all weights except those of the segmentation heads", () => {
  const networkWeights = new Map([
    ["decoder.weight", array([1], 9)],
    ["encoder.weight", array([2, 1], 7, 8)],
    ["decoder.seg_layers.0.bias", array([5], 1, 2, 3, 4, 5)],
  ]);
  const fresh = Float32Array.of(0, 1, 2, 3, 4);
  assert.deepEqual(
    [...withPretrained({ networkWeights }, parameters, fresh)],
    [7, 8, 2, 3, 9],
  );
  assert.deepEqual([...fresh], [0, 1, 2, 3, 4]);
});

Deno.test("withPretrained() rejects weights of another network", () => {
  const assertRejected = (networkWeights: Map<string, ReturnType<typeof array>>, message: string) =>
    assert.throws(
      () => withPretrained({ networkWeights }, parameters, new Float32Array(5)),
      { name: "TypeError", message: `Cannot start from pretrained weights: ${message}` },
    );
  assertRejected(
    new Map([["encoder.weight", array([2, 2], 1, 2, 3, 4)]]),
    "encoder.weight has shape [2,2], expected shape [2,1] as in the network to train",
  );
  assertRejected(
    new Map([["encoder.weight", array([2, 1], 1, 2)]]),
    "they have no decoder.weight, expected shape [1] as in the network to train",
  );
});
