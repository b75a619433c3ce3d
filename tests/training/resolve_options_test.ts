import assert from "node:assert/strict";
import { polynomial } from "../../lib/training/schedule.ts";
import { resolveOptions } from "../../lib/training/resolve_options.ts";

const patchSize = [40, 56, 40];

Deno.test("resolveOptions() uses nnU-Net's defaults for omitted and undefined options", () => {
  const options = resolveOptions({ seed: 5, epochs: undefined }, patchSize);
  assert.equal(options.seed, 5);
  assert.equal(options.epochs, 1000);
  assert.equal(options.iterations, 250);
  assert.equal(options.validationIterations, 50);
  assert.equal(options.trainer, "nnUNetTrainer");
  assert.deepEqual(options.mirrorAxes, [0, 1, 2]);
  assert.equal(options.schedule(100, 1000), polynomial(0.01)(100, 1000));
});

Deno.test("resolveOptions() prefers the user's options to the trainer's, and those to nnU-Net's", () => {
  const named = { trainer: "nnUNetTrainer_onlyMirror01_1500ep" };
  const options = resolveOptions(named, patchSize);
  assert.equal(options.epochs, 1500);
  assert.deepEqual(options.mirrorAxes, [0, 1]);
  assert.equal(resolveOptions({ ...named, epochs: 7 }, patchSize).epochs, 7);
});

Deno.test("resolveOptions() prefers a schedule to a learning rate, and that to the trainer's schedule", () => {
  const schedule = () => 0.5;
  const trainer = "nnUNetTrainerCosAnneal";
  const rateOf = (options: Parameters<typeof resolveOptions>[0]) =>
    resolveOptions({ trainer, ...options }, patchSize).schedule(0, 10);
  assert.equal(rateOf({}), 0.01);
  assert.equal(rateOf({ learningRate: 0.1 }), 0.1);
  assert.equal(rateOf({ learningRate: 0.1, schedule }), 0.5);
});
