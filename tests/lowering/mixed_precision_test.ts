import assert from "node:assert/strict";
import { halveFor } from "../../lib/lowering/for_device.ts";
import { parametersOf } from "../../lib/network/network.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { trainingGraph } from "../../lib/training/step_graph.ts";
import { tinyParts } from "../training/tiny_steps.ts";

const parameters = parametersOf(tinyParts.network, tinyParts.imageShape);
const graph = trainingGraph({ ...tinyParts, parameters }, undefined, {});

/** Types of the first input of all nodes of an operator. */
function typesOf(device: Device, operator: string): string[] {
  const { nodes } = halveFor(device, graph);
  const found = nodes.filter((node) => node.operator === operator);
  assert.ok(found.length > 0, operator);
  return [...new Set(found.map(({ inputs }) => inputs[0]!.type))];
}

for (const device of ["cuda", "webgpu"] as const) {
  Deno.test(`mixed precision on ${device} convolves halves, and updates singles`, () => {
    for (const operator of ["Conv", "ConvTranspose", "nnunet:ConvInputGradient"]) {
      assert.deepEqual(typesOf(device, operator), ["float16"]);
    }
    const { outputs } = halveFor(device, graph);
    for (const [name, { type }] of outputs) assert.equal(type, "float32", name);
  });
}

Deno.test("mixed precision adds up halves over voxels where the device does so in single", () => {
  const sums = [
    "InstanceNormalization",
    "nnunet:InstanceNormalizationGradient",
    "nnunet:ConvWeightGradient",
  ];
  for (const operator of sums) {
    assert.deepEqual(typesOf("cuda", operator), ["float16"]);
    assert.deepEqual(typesOf("webgpu", operator), ["float32"]);
  }
});
