import assert from "node:assert/strict";
import type { StepRunnerOptions } from "../../../lib/training/step/step_runner.ts";
import { startTinySteps, tinyBatch } from "../tiny_steps.ts";

/** Runs steps and returns their losses and the state after them. */
async function train(steps: number, options: Partial<StepRunnerOptions> = {}) {
  const runner = await startTinySteps(options);
  try {
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      losses.push((await runner.train(tinyBatch(step), 0.01)).loss);
    }
    return { losses, ...await runner.state() };
  } finally {
    runner.close();
  }
}

Deno.test("StepRunner.trainSteps() equals single steps bit for bit", async () => {
  const expected = await train(3);
  const runner = await startTinySteps({ stepsPerRun: 3 });
  try {
    const losses = await runner.trainSteps([tinyBatch(0), tinyBatch(1), tinyBatch(2)], 0.01);
    assert.deepEqual({ losses, ...await runner.state() }, expected);
    await assert.rejects(runner.trainSteps([tinyBatch(0)], 0.01), {
      name: "RangeError",
      message: "Cannot train: found 1 batches, expected 3",
    });
  } finally {
    runner.close();
  }
});

Deno.test("losses in half precision follow those in single precision within 1 %", async () => {
  const single = await train(20);
  const half = await train(20, { lossScaling: {} });
  assert.notDeepEqual(half.losses, single.losses);
  half.losses.forEach((loss, step) => {
    const expected = single.losses[step];
    assert.ok(
      Math.abs(loss - expected) <= 0.01 * Math.abs(expected),
      `step ${step}: found ${loss}, expected ${expected}`,
    );
  });
});

Deno.test("the scale of half precision is part of the state", async () => {
  const { scaling } = await train(2, { lossScaling: {} });
  assert.deepEqual(scaling, Float32Array.of(2 ** 16, 2));
  assert.equal((await train(1)).scaling, undefined);
});

Deno.test("a step whose gradient overflows half precision changes nothing, and later steps recover", async () => {
  const start = await train(0);
  // 2³⁰ times the gradients exceeds half precision's 65 504, until the scale has been halved often.
  const after = async (steps: number) =>
    await train(steps, { lossScaling: { initialScale: 2 ** 30 } });
  const skipped = await after(1);
  assert.deepEqual(skipped.weights, start.weights);
  assert.deepEqual(skipped.momentum, start.momentum);
  assert.ok(Number.isFinite(skipped.losses[0]));
  const recovered = await after(20);
  assert.notDeepEqual(recovered.weights, start.weights);
  assert.ok(recovered.weights.every(Number.isFinite));
});
