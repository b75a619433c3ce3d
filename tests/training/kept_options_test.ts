import assert from "node:assert/strict";
import {
  changedOptions,
  continuedOptions,
  optionsToKeep,
} from "../../lib/training/kept_options.ts";
import { resolveOptions } from "../../lib/training/resolve_options.ts";
import { polynomial } from "../../lib/training/schedule.ts";
import type { TrainerOptions } from "../../lib/training/training_options.ts";

const standard = resolveOptions({}, [8, 8, 8]);
const changes = (before: TrainerOptions, now: TrainerOptions) =>
  changedOptions({ options: optionsToKeep(before), hasAllOptions: true }, now, standard);

Deno.test("optionsToKeep() leaves out what is of the machine, and names functions", () => {
  const myLoss: TrainerOptions["loss"] = () => () => {
    throw new Error("not called");
  };
  const options = { epochs: 5, threads: 2, pretrainedWeights: "/x", loss: myLoss };
  assert.deepEqual(optionsToKeep(options), { epochs: 5, loss: "function myLoss" });
});

Deno.test("continuedOptions() takes omitted options from before, and given ones as they are", () => {
  const before = optionsToKeep({ epochs: 5, learningRate: 0.1, mirrorAxes: [], threads: 3 });
  assert.deepEqual(continuedOptions(before, { epochs: 9, learningRate: undefined }), {
    epochs: 9,
    learningRate: 0.1,
    mirrorAxes: [],
  });
});

Deno.test("continuedOptions() adopts no second optimiser or schedule", () => {
  const before = optionsToKeep({ adam: { amsgrad: true }, learningRate: 0.1 });
  const schedule = polynomial();
  assert.deepEqual(continuedOptions(before, { sgd: { momentum: 0.9 }, schedule }), {
    sgd: { momentum: 0.9 },
    schedule,
  });
});

Deno.test("changedOptions() compares with defaults where one side has omitted an option", () => {
  assert.deepEqual(changes({}, {}), []);
  assert.deepEqual(changes({ epochs: 1000 }, {}), []);
  assert.deepEqual(changes({ epochs: 5, threads: 1 }, { epochs: 9, threads: 2 }), ["epochs 5 → 9"]);
  assert.deepEqual(changes({}, { sgd: { momentum: 0.9 } }), [
    'sgd by default → {"momentum":0.9}',
  ]);
  const { loss } = standard;
  assert.deepEqual(changes({ loss }, {}), [
    'loss "function diceAndCrossEntropy" → by default',
  ]);
});

Deno.test("changedOptions() says nothing about options that the checkpoint does not know", () => {
  const before = { options: { mirrorAxes: [] }, hasAllOptions: false };
  assert.deepEqual(changedOptions(before, { epochs: 9, mirrorAxes: [0] }, standard), [
    "mirrorAxes [] → [0]",
  ]);
});
