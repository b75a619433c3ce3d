import assert from "node:assert/strict";
import { join } from "@std/path";
import { namesIn } from "../dataset/sample_folders.ts";
import { eventsOf, final, fit, latest, tinyTrainer } from "./tiny_trainer.ts";

Deno.test("Trainer.fit() starts nothing if already aborted", async () => {
  const trainer = tinyTrainer();
  await assert.rejects(fit(trainer, { signal: AbortSignal.abort(new Error("Enough")) }), {
    message: "Enough",
  });
  assert.deepEqual(namesIn(trainer.plans.folders.results), []);
});

for (const iterations of [1, 2]) {
  Deno.test(`Trainer.fit() stops at a NaN loss after ${iterations} steps, keeping the last state`, async () => {
    // A rate so large that the weights overflow.
    const schedule = (epoch: number) => epoch === 0 ? 0.01 : 1e38;
    const trainer = tinyTrainer({ schedule, iterations });
    // A NaN weight after the epoch's last step is detected only in validation.
    const where = iterations === 1 ? "validation step 1" : "training step 2";
    await assert.rejects(fit(trainer), {
      message:
        `Cannot continue training: epoch 2, ${where} has loss NaN, expected a finite number; ` +
        "the last saved state is kept; try a lower learning rate",
    });
    const { currentEpoch, networkWeights } = await latest(trainer);
    assert.equal(currentEpoch, 1);
    for (const { data } of networkWeights.values()) assert.ok(data.every(Number.isFinite));
  });
}

Deno.test("Trainer.fit() names the pretrained weights if the loss is NaN", async () => {
  const before = tinyTrainer({ epochs: 1 });
  await fit(before);
  const pretrainedWeights = join(before.folder, "checkpoint_final.pth");
  const trainer = tinyTrainer({ pretrainedWeights, schedule: () => 1e38 });
  await assert.rejects(fit(trainer), (error: Error) => {
    assert.ok(
      error.message.endsWith(`rate, or other weights than those of ${pretrainedWeights}`),
      error.message,
    );
    return true;
  });
});

Deno.test("Trainer.fit() reports a schedule that returns NaN", async () => {
  const trainer = tinyTrainer({ schedule: () => NaN, iterations: 1 });
  await assert.rejects(fit(trainer), {
    name: "RangeError",
    message:
      "Cannot train: the schedule's learning rate of epoch 0 is NaN, expected a finite number",
  });
});

Deno.test("Trainer.fit() ends when its patience does, and at the same epoch when resumed", async () => {
  const stuck = { patience: 1, epochs: 5, iterations: 1, learningRate: 1e-12, schedule: () => 0 };
  const trainer = tinyTrainer(stuck);
  const reports = await fit(trainer);
  const epochs = reports.length;
  assert.ok(epochs < 5);
  assert.match(reports.at(-1)!.stopped!, /^the pseudo Dice has not risen/);
  assert.deepEqual(reports.slice(0, -1).map(({ stopped }) => stopped).filter(Boolean), []);
  assert.equal((await final(trainer)).currentEpoch, epochs);
  assert.match((await eventsOf(trainer)).at(-1)!.reason, /^the pseudo Dice has not risen/);
  assert.deepEqual(await fit(tinyTrainer(stuck, trainer.plans), { resume: true }), []);
});

Deno.test("Trainer.fit() trains at least one epoch of a time budget", async () => {
  const trainer = tinyTrainer({ timeBudget: 1e-6, epochs: 3, iterations: 1 });
  assert.equal((await fit(trainer)).length, 1);
});
