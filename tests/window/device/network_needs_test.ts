import assert from "node:assert/strict";
import { encodeModel } from "../../../lib/graph/encode.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { importedNetwork } from "../../../lib/graph/imported_network.ts";
import { networkNeeds } from "../../../lib/window/device/network_needs.ts";
import { tinyInferenceModel } from "../../inference/tiny_inference_model.ts";

const options = {
  device: "webgpu",
  heads: 3,
  tileSize: [8, 16, 16],
  gaussian: true,
} as const;
const model = tinyInferenceModel({ ...options, channels: 2 });
const needs = networkNeeds([model, model], options);

Deno.test("networkNeeds() counts every fold's weights and one patch's activations", () => {
  const one = networkNeeds([model], options);
  assert.equal(needs.weightBytes, 2 * one.weightBytes);
  assert.equal(needs.patchBytes, one.patchBytes);
  assert.equal(needs.channels, 2);
  // Image and logits, (2 + 3) channels, are in memory at least.
  assert.ok(one.patchBytes >= 4 * 5 * 8 * 16 * 16);
});

Deno.test("networkNeeds() reports that a model with a fixed batch takes one patch at a time", () => {
  const { shape, build } = importedNetwork(model);
  const graph = new Graph("again");
  graph.output("logits", build(graph.input("image", "float32", shape)));
  const fixed = networkNeeds([encodeModel(graph)], options);
  assert.equal(fixed.isBatchFree, false);
  assert.equal(needs.isBatchFree, true);
});
