import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { encodeModel } from "../../../lib/graph/encode.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { importedNetwork } from "../../../lib/graph/imported_network.ts";
import * as o from "../../../lib/graph/operators.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import { Session } from "../../../lib/runtime/session.ts";
import { WasmNetwork } from "../../../lib/window/wasm/wasm_network.ts";
import { smallNetworkModel, smallNetworks } from "../small_networks.ts";

/** Returns a graph of one input and one output. */
function graphOf(
  shape: readonly number[],
  build: (input: ReturnType<Graph["input"]>) => ReturnType<Graph["input"]>,
) {
  const graph = new Graph();
  graph.output("y", build(graph.input("x", "float32", shape)));
  return graph;
}

/** Returns numbers drawn from a normal distribution. */
function normals(count: number, seed: number): Float32Array<ArrayBuffer> {
  const generator = createGenerator(seed);
  return Float32Array.from({ length: count }, () => generator.normal());
}

/** Asserts that a network's output is ONNX Runtime's, within rounding. */
async function assertComputes(network: WasmNetwork, graph: Graph, seed: number): Promise<void> {
  const { shape } = graph.inputs[0];
  const data = normals(sizeOf(shape), seed);
  const found = network.run(data);
  const session = await Session.create(encodeModel(graph), { threads: 1 });
  const { y } = await session.run({ x: { type: "float32", shape, data } });
  await session.release();
  const expected = Array.from(y.data, Number);
  assert.equal(found.length, expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - found[i]))) / scale;
  assert.ok(worst < 1e-5, `found a difference of ${worst}, expected 1e-5`);
}

for (const [name, setting] of Object.entries(smallNetworks)) {
  Deno.test(`WasmNetwork computes the logits of several folds, repeatedly: ${name}`, async () => {
    const folds = [1, 2].map((seed) => {
      const { shape, build } = importedNetwork(smallNetworkModel(setting, 1, seed));
      return graphOf(shape, build);
    });
    const networks = WasmNetwork.of(folds)!;
    for (const seed of [3, 4]) {
      for (const [i, fold] of folds.entries()) await assertComputes(networks[i], fold, seed);
    }
  });
}

for (
  const [name, size, kernel, strides] of [
    ["whole tiles", [4, 6, 8], [3, 3, 3], [1, 1, 1]],
    ["tiles that reach beyond the image", [3, 5, 9], [3, 3, 3], [1, 1, 1]],
    ["strides", [5, 6, 7], [3, 3, 3], [1, 2, 2]],
    ["no taps along z", [3, 5, 6], [1, 3, 3], [1, 1, 1]],
    ["taps along z only", [3, 5, 6], [3, 1, 1], [1, 1, 1]],
    ["one tap", [3, 5, 6], [1, 1, 1], [1, 1, 1]],
    ["one plane", [1, 5, 6], [1, 3, 3], [1, 1, 1]],
  ] as const
) {
  Deno.test(`WasmNetwork convolves: ${name}`, async () => {
    const [channels, filters] = [9, 20];
    const graph = graphOf([1, channels, ...size], (x) => {
      const shape = [filters, channels, ...kernel];
      const w = x.graph.constant("float32", shape, normals(sizeOf(shape), 1));
      const bias = x.graph.constant("float32", [filters], normals(filters, 2));
      const margins = kernel.map((extent) => (extent - 1) / 2);
      return o.conv(x, w, bias, { pads: [...margins, ...margins], strides: [...strides] });
    });
    const [network] = WasmNetwork.of([graph])!;
    await assertComputes(network, graph, 3);
  });
}

Deno.test("WasmNetwork normalises an image whose mean is much larger than its deviation", () => {
  const shape = [1, 1, 4, 5, 6];
  const graph = graphOf(shape, (x) => {
    const number = (value: number) => x.graph.constant("float32", [1], Float32Array.of(value));
    return o.leakyRelu(o.instanceNorm(x, number(2), number(0.5), 1e-5), 0.1);
  });
  const image = normals(sizeOf(shape), 1).map((value) => 10_000 + value);
  const values = Array.from(image);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const expected = values.map((value) => 2 * (value - mean) / Math.sqrt(variance + 1e-5) + 0.5)
    .map((value) => Math.max(value, 0.1 * value));
  const [network] = WasmNetwork.of([graph])!;
  const worst = Math.max(...network.run(image).map((value, i) => Math.abs(value - expected[i])));
  // Numbers near 10,000 are stored to within 5e-4.
  assert.ok(worst < 2e-3, `found a difference of ${worst}`);
});

Deno.test("WasmNetwork leaves networks with other operators to ONNX Runtime", () => {
  const graph = graphOf([1, 8, 4, 4, 4], (x) => o.sigmoid(x));
  assert.equal(WasmNetwork.of([graph]), undefined);
  assert.equal(WasmNetwork.bytesOf([graph]), undefined);
});
