import assert from "node:assert/strict";
import { DeviceMemoryError } from "../../../lib/memory/memory_error.ts";
import { countParameters } from "../../../lib/network/network.ts";
import { adam } from "../../../lib/training/step/adam.ts";
import { planStep } from "../../../lib/training/step/step_plan.ts";
import { tinyParts } from "../tiny_steps.ts";

Deno.test("planStep() carries weights and momentum, and in half precision the scale", async () => {
  const { carried, training, optimizerStateSize, layout } = await planStep(tinyParts);
  assert.deepEqual(carried, { weights: "new_weights", momentum: "new_momentum" });
  for (const [input, output] of Object.entries(carried)) {
    const { shape } = training.inputs.find(({ name }) => name === input)!;
    assert.deepEqual(training.outputs.get(output)!.shape, shape);
  }
  assert.equal(optimizerStateSize, countParameters(layout.parameters));
  const half = await planStep({ ...tinyParts, lossScaling: {} });
  assert.equal(half.carried.scaling, "new_scaling");
});

Deno.test("planStep() plans half precision on processors with channel blocks", async () => {
  for (const channelBlock of [4, 8, 16]) {
    await planStep({ ...tinyParts, lossScaling: {} }, channelBlock);
  }
});

Deno.test("planStep() uses the chosen optimiser", async () => {
  const { optimizerStateSize, layout } = await planStep({
    ...tinyParts,
    optimizer: { kind: "adam" },
  });
  assert.equal(optimizerStateSize, adam().stateSize(countParameters(layout.parameters)));
});

Deno.test("planStep() starts parameters at rows on CUDA", async () => {
  const { layout } = await planStep({ ...tinyParts, device: "cuda" });
  assert.ok(layout.extents.every((extent) => extent % 256 === 0), `${layout.extents}`);
  const { layout: onCpu } = await planStep(tinyParts);
  assert.equal(onCpu.size, countParameters(onCpu.parameters));
});

Deno.test("planStep() throws if a step does not fit in the device's memory", async () => {
  const { memory } = await planStep({ ...tinyParts, device: "webgpu" });
  const planWith = (bytes: number) =>
    planStep({ ...tinyParts, device: "webgpu", limits: { memoryBytes: bytes } });
  assert.deepEqual((await planWith(memory.bytes)).memory, memory);
  await assert.rejects(planWith(memory.bytes - 1), DeviceMemoryError);
});
