import assert from "node:assert/strict";
import { halveFor } from "../../lib/lowering/for_device.ts";
import { parametersOf } from "../../lib/network/network.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { trainingGraph } from "../../lib/training/step/step_graph.ts";
import { tinyParts } from "../training/tiny_steps.ts";

const parameters = parametersOf(tinyParts.network, tinyParts.imageShape);
const graph = trainingGraph({ ...tinyParts, parameters }, undefined, {});

/** Returns the types of the first inputs of all nodes of an operator. */
function typesOf(device: Device, operator: string): string[] {
  const { nodes } = halveFor(device, graph);
  const found = nodes.filter((node) => node.operator === operator);
  assert.ok(found.length > 0, operator);
  return [...new Set(found.map(({ inputs }) => inputs[0]!.type))];
}

for (const device of ["cuda", "webgpu"] as const) {
  Deno.test(`halveFor() on ${device} convolves in float16 and updates in float32`, () => {
    for (const operator of ["Conv", "ConvTranspose", "nnunet:ConvInputGradient"]) {
      assert.deepEqual(typesOf(device, operator), ["float16"]);
    }
    const { outputs } = halveFor(device, graph);
    for (const [name, { type }] of outputs) assert.equal(type, "float32", name);
  });
}

Deno.test("halveFor() sums float16 over voxels if the device adds in float32", () => {
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
