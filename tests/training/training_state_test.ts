import assert from "node:assert/strict";
import { decodeCheckpoint, encodeCheckpoint } from "../../lib/interop/nnunet_checkpoint.ts";
import { emptyLog } from "../../lib/interop/training_log.ts";
import type { LossScaling } from "../../lib/training/step/loss_scaling.ts";
import { sgd } from "../../lib/training/step/sgd.ts";
import type { StepRunner } from "../../lib/training/step/step_runner.ts";
import { fromCheckpoint, optionsOf, toCheckpoint } from "../../lib/training/training_state.ts";
import { startTinySteps, tinyBatch } from "./tiny_steps.ts";

/** Encodes the checkpoint that a training in mixed precision would write now. */
async function checkpointOf(runner: StepRunner, { growthInterval }: LossScaling) {
  const state = {
    epoch: 0,
    epochLosses: [],
    epochStart: 0,
    seed: 0,
    bestEma: null,
    log: emptyLog,
    optimizer: await runner.state(),
  };
  return encodeCheckpoint(toCheckpoint(state, {
    parameters: runner.parameters,
    initArgs: { plans: {}, configuration: "3d_fullres", fold: 0, datasetJson: {} },
    trainerName: "nnUNetTrainer",
    learningRate: 0.01,
    initialLearningRate: 0.01,
    optimizer: sgd(),
    mirrorAxes: [],
    split: { train: ["a"], validation: ["b"] },
    options: {},
    growthInterval,
  }));
}

async function trainOn(runner: StepRunner, steps: readonly number[]): Promise<number[]> {
  const losses: number[] = [];
  for (const step of steps) losses.push((await runner.train(tinyBatch(step), 0.01)).loss);
  return losses;
}

Deno.test("a training in mixed precision resumes from its checkpoint bit for bit, including its scale", async () => {
  // The scale, too large for float16, falls in the first steps and rises in later ones.
  const lossScaling = { initialScale: 2 ** 26, growthInterval: 4 };
  const uninterrupted = await startTinySteps({ lossScaling });
  const interrupted = await startTinySteps({ lossScaling });
  try {
    const losses = await trainOn(uninterrupted, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await trainOn(interrupted, [0, 1, 2, 3, 4, 5, 6]);
    const { gradScaler, ...rest } = decodeCheckpoint(await checkpointOf(interrupted, lossScaling));
    assert.ok(gradScaler!.scale < lossScaling.initialScale);
    assert.equal(gradScaler!.growthInterval, 4);
    const resume = async (checkpoint: Parameters<typeof fromCheckpoint>[0]) => {
      const runner = await startTinySteps(
        { lossScaling },
        (parameters) => fromCheckpoint(checkpoint, parameters, 0).optimizer,
      );
      try {
        const losses = await trainOn(runner, [7, 8, 9, 10, 11, 12]);
        return { losses, state: await runner.state() };
      } finally {
        runner.close();
      }
    };
    const expected = { losses: losses.slice(7), state: await uninterrupted.state() };
    const { scale, growthTracker } = gradScaler!;
    assert.notDeepEqual(expected.state.scaling, Float32Array.of(scale, growthTracker));
    assert.deepEqual(await resume({ ...rest, gradScaler }), expected);
    // Without the scale, some steps would be skipped again.
    assert.notDeepEqual((await resume(rest)).losses, expected.losses);
  } finally {
    uninterrupted.close();
    interrupted.close();
  }
});

const facts = {
  parameters: [],
  initArgs: { plans: {}, configuration: "3d_fullres", fold: 0, datasetJson: {} },
  trainerName: "nnUNetTrainer",
  learningRate: 0.01,
  initialLearningRate: 0.01,
  optimizer: sgd(),
  mirrorAxes: [],
  split: { train: ["a"], validation: ["b"] },
  options: { epochs: 5 },
} as const;

const nothingLearned = { weights: new Float32Array(0), momentum: new Float32Array(0) };

const begun = {
  epoch: 3,
  epochLosses: [0.5],
  epochStart: 100,
  seed: 5,
  bestEma: 0.25,
  log: emptyLog,
  optimizer: nothingLearned,
};

Deno.test("fromCheckpoint() keeps the seed that the training began with", () => {
  const checkpoint = decodeCheckpoint(encodeCheckpoint(toCheckpoint(begun, facts, 130)));
  assert.deepEqual(fromCheckpoint(checkpoint, [], 9, sgd(), 130), begun);
});

Deno.test("fromCheckpoint() does not count the time until it is resumed", () => {
  const checkpoint = toCheckpoint(begun, facts, 130);
  assert.equal(fromCheckpoint(checkpoint, [], 9, sgd(), 5000).epochStart, 4970);
  const between = toCheckpoint({ ...begun, epochLosses: [] }, facts, 130);
  assert.equal(fromCheckpoint(between, [], 9, sgd(), 5000).epochStart, 5000);
});

Deno.test("optionsOf() has all options of this library's checkpoints, and the axes of Python's", () => {
  const { extraState, ...python } = toCheckpoint(begun, { ...facts, mirrorAxes: [0, 2] });
  assert.deepEqual(optionsOf({ ...python, extraState }), {
    options: { epochs: 5, mirrorAxes: [0, 2] },
    hasAllOptions: true,
  });
  assert.deepEqual(optionsOf(python), { options: { mirrorAxes: [0, 2] }, hasAllOptions: false });
});

Deno.test("fromCheckpoint() uses the given seed for a checkpoint of Python's, which has none", () => {
  const { extraState: _, ...python } = toCheckpoint(begun, facts);
  const { seed, epoch, epochLosses, bestEma } = fromCheckpoint(python, [], 9);
  assert.deepEqual({ seed, epoch, epochLosses, bestEma }, {
    seed: 9,
    epoch: 3,
    epochLosses: [],
    bestEma: 0.25,
  });
});

Deno.test("toCheckpoint() records PyTorch's growth interval unless there is another", () => {
  const mixed = { ...begun, optimizer: { ...nothingLearned, scaling: Float32Array.of(1024, 7) } };
  const recorded = toCheckpoint(mixed, facts).gradScaler;
  assert.deepEqual(recorded, { scale: 1024, growthInterval: 2000, growthTracker: 7 });
  assert.equal(toCheckpoint(mixed, { ...facts, growthInterval: 4 }).gradScaler!.growthInterval, 4);
});
