import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import type { NnunetCheckpoint } from "../../lib/interop/nnunet_checkpoint.ts";
import { Plans } from "../../lib/plans.ts";
import type { ConfigurationName } from "../../lib/files/plans.ts";
import { Trainer } from "../../lib/trainer.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import type { NetworkFor, TrainerOptions } from "../../lib/training/training_options.ts";
import type { TrainingProgress } from "../../lib/training/training_progress.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import {
  abortWhen,
  eventsOf,
  final,
  fit,
  lasting,
  latest,
  short,
  tinyPlans,
  tinyTrainer,
  withCascade,
  withLabels,
  writePreviousStage,
} from "./tiny_trainer.ts";

/** Copies the results of a training, without the lock of this process, which is not killed. */
function copyAsKilled(from: Plans, to: Plans): void {
  cpSync(from.folders.results, to.folders.results, {
    recursive: true,
    filter: (path) => !path.endsWith(".lock"),
  });
}

let uninterrupted: Promise<NnunetCheckpoint> | undefined;

/** Returns the final checkpoint of an uninterrupted training. */
function reference(): Promise<NnunetCheckpoint> {
  return uninterrupted ??= (async () => {
    const trainer = tinyTrainer();
    await fit(trainer);
    return await final(trainer);
  })();
}

/** Asserts that trainings are equal bit for bit: the curves first, whose difference is short. */
function assertSame(found: NnunetCheckpoint, expected: NnunetCheckpoint) {
  assert.deepEqual(lasting(found).curves, lasting(expected).curves);
  assert.deepEqual(lasting(found), lasting(expected));
}

Deno.test("Trainer.fit() is reproducible from a seed, with any number of loaders", async () => {
  const again = tinyTrainer({ loaders: 2 });
  await fit(again);
  assertSame(await final(again), await reference());
  const other = tinyTrainer({ seed: 8, epochs: 1 });
  const [{ log }] = await fit(other);
  assert.notEqual(log.trainLosses[0], (await reference()).log.trainLosses[0]);
});

const interruptions: [string, (progress: TrainingProgress) => boolean][] = [
  ["in the first epoch's training", (p) => p.epoch === 0 && p.iteration === 2],
  ["in its validation", (p) => p.phase === "validation" && p.iteration === 1],
  ["in the last epoch's training", (p) => p.epoch === 1 && p.iteration === 1],
];

for (const [when, reached] of interruptions) {
  Deno.test(`Trainer.fit() resumes to the same result after an abort ${when}`, async () => {
    const trainer = tinyTrainer();
    const { options, seen } = abortWhen(reached);
    await assert.rejects(fit(trainer, options), { message: "Enough" });
    assert.ok(reached(seen.at(-1)!), "no step begins after the abort");
    const { currentEpoch, log } = await latest(trainer);
    assert.equal(currentEpoch, seen.at(-1)!.epoch);
    assert.equal(log.trainLosses.length, currentEpoch);

    // As in another process, which has only the folder.
    const successor = tinyTrainer({}, trainer.plans);
    await fit(successor, { resume: true });
    assertSame(await final(successor), await reference());
    assert.ok(!namesIn(successor.folder).includes("checkpoint_latest.pth"));
  });
}

/** Other settings on which batches and losses depend, with a configuration and its plans. */
const kinds: [string, ConfigurationName, () => Promise<Plans>][] = [
  [
    "regions",
    "3d_fullres",
    () => Promise.resolve(withLabels({ background: 0, whole: [1, 2], ball: 2 })),
  ],
  [
    "an ignore label",
    "3d_fullres",
    () => Promise.resolve(withLabels({ background: 0, shell: 1, ignore: 2 })),
  ],
  ["the cascade", "3d_cascade_fullres", async () => {
    const plans = withCascade();
    await writePreviousStage(plans, ["c0", "c1", "c2", "c3", "c4"]);
    return plans;
  }],
];

for (const [what, configuration, plansOf] of kinds) {
  Deno.test(`Trainer.fit() resumes to the same result with ${what}`, async () => {
    const uninterrupted = new Trainer(await plansOf(), configuration, short);
    await fit(uninterrupted);
    const interrupted = new Trainer(await plansOf(), configuration, short);
    const { options } = abortWhen(({ epoch, iteration }) => epoch === 1 && iteration === 2);
    await assert.rejects(fit(interrupted, options), { message: "Enough" });
    await fit(new Trainer(interrupted.plans, configuration, short), { resume: true });
    assertSame(await final(interrupted), await final(uninterrupted));
  });
}

for (const trainer of ["nnUNetTrainerAdam3en4", "nnUNetTrainerAdan"]) {
  Deno.test(`Trainer.fit() resumes to the same result with ${trainer}`, () =>
    resumesToTheSame({ trainer, ...short }));
}

Deno.test("Trainer.fit() resumes to the same result with batch normalisation and dropout", () => {
  const network: NetworkFor = ({ architecture }, given) =>
    networkOf({
      ...architecture,
      normalization: { over: "batch", epsilon: 1e-5, affine: true },
      dropout: { probability: 0.3, wholeMaps: true },
    }, given);
  return resumesToTheSame({ network, ...short });
});

async function resumesToTheSame(options: TrainerOptions) {
  const uninterrupted = new Trainer(tinyPlans(), "3d_fullres", options);
  await fit(uninterrupted);
  const interrupted = new Trainer(tinyPlans(), "3d_fullres", options);
  const { options: aborting } = abortWhen(({ epoch, iteration }) => epoch === 1 && iteration === 2);
  await assert.rejects(fit(interrupted, aborting), { message: "Enough" });
  await fit(new Trainer(interrupted.plans, "3d_fullres", options), { resume: true });
  const [expected, found] = [await final(uninterrupted), await final(interrupted)];
  assert.deepEqual(found.optimizer, expected.optimizer);
  assert.deepEqual(found.networkWeights, expected.networkWeights);
}

Deno.test("Trainer.fit() resumes to the same result after a kill", async () => {
  const trainer = tinyTrainer();
  const killed = tinyPlans();
  for await (const _ of trainer.fit()) {
    copyAsKilled(trainer.plans, killed);
    break;
  }
  // The seed is that of the beginning, whatever the successor is told.
  const successor = tinyTrainer({ seed: 8 }, killed);
  const reports = await fit(successor, { resume: true });
  assert.deepEqual(reports.map(({ epoch }) => epoch), [1]);
  assertSame(await final(successor), await reference());
});

Deno.test("Trainer.fit() adds epochs to a finished training", async () => {
  const trainer = tinyTrainer({ epochs: 1 });
  await fit(trainer);
  const longer = tinyTrainer({ epochs: 2 }, trainer.plans);
  assert.deepEqual((await fit(longer, { resume: true })).map(({ epoch }) => epoch), [1]);
  assert.deepEqual(await fit(longer, { resume: true }), []);
  assert.equal((await final(longer)).currentEpoch, 2);
});

Deno.test("Trainer.fit() resumes a newer training rather than the finished one in the same folder", async () => {
  const trainer = tinyTrainer({ epochs: 1 });
  await fit(trainer);
  const newer = tinyTrainer({ seed: 9 }, trainer.plans);
  const { options } = abortWhen(({ iteration }) => iteration === 1);
  await assert.rejects(fit(newer, options), { message: "Enough" });
  const reports = await fit(newer, { resume: true });
  assert.deepEqual(reports.map(({ epoch }) => epoch), [0, 1]);
});

Deno.test("Trainer.fit() rejects a checkpoint of another network", async () => {
  const trainer = tinyTrainer({ epochs: 1, iterations: 1 });
  await fit(trainer);
  const { plansData } = trainer.plans;
  const configuration = plansData.configurations["3d_fullres"]!;
  const { architecture } = configuration;
  const wider = new Plans({
    ...trainer.plans,
    plansData: {
      ...plansData,
      configurations: {
        "3d_fullres": {
          ...configuration,
          architecture: {
            ...architecture,
            featuresPerStage: architecture.featuresPerStage.map((n) => 2 * n),
          },
        },
      },
    },
  });
  const written = join(trainer.modelFolder, "plans.json");
  const before = await Deno.readTextFile(written);
  await assert.rejects(fit(tinyTrainer({}, wider), { resume: true }), (error: Error) => {
    assert.match(
      error.message,
      new RegExp(
        "checkpoint_final\\.pth: .*encoder\\.stages\\.0\\.0\\.convs\\.0\\.conv\\.weight[^;]*; since it " +
          "was written, this has changed: nnUNetPlans\\.json: .*features_per_stage .* → .*; plan as " +
          "before to resume; leave out",
      ),
    );
    return true;
  });
  assert.equal(await Deno.readTextFile(written), before, "the model's plans stay its own");
});

Deno.test("Trainer.fit() writes a log while it trains, the same after a kill", async () => {
  const trainer = tinyTrainer();
  const killed = tinyPlans();
  for await (const { log } of trainer.fit({ validation: false })) {
    const [start, ...epochs] = await eventsOf(trainer);
    assert.equal(start.event, "start");
    assert.equal(start.options.iterations, 3);
    assert.deepEqual(epochs.map(({ train_loss }) => train_loss), log.trainLosses);
    assert.deepEqual(epochs.map(({ dice_per_class_or_region: dice }) => dice), log.dicePerClass);
    if (epochs.length === 1) {
      copyAsKilled(trainer.plans, killed);
    }
  }
  const successor = tinyTrainer({}, killed);
  await Deno.writeTextFile(join(successor.folder, "training_log.jsonl"), "{", { append: true });
  await fit(successor, { resume: true });
  const curves = async (one: Trainer) =>
    (await eventsOf(one)).map(({ event, epoch, val_loss }) => [event, epoch, val_loss]);
  assert.deepEqual(await curves(successor), await curves(trainer));
  assert.equal((await eventsOf(trainer)).at(-1)!.event, "end");
});

/** A trainer of the same fold without the options of its training. */
const withoutOptions = ({ plans }: Trainer, options: TrainerOptions = {}) =>
  new Trainer(plans, "3d_fullres", { threads: 1, ...options });

Deno.test("Trainer.fit() resumes with the options that the training began with", async () => {
  const options = { learningRate: 0.02, sgd: { momentum: 0.9 }, mirrorAxes: [0] };
  const whole = tinyTrainer(options);
  await fit(whole);
  const trainer = tinyTrainer(options);
  const { options: abort } = abortWhen((p) => p.epoch === 1 && p.iteration === 1);
  await assert.rejects(fit(trainer, abort), { message: "Enough" });
  const notices: string[] = [];
  const reports = await fit(withoutOptions(trainer), {
    resume: true,
    onStart: (start) => notices.push(...start.notices),
  });
  assert.deepEqual(reports.map(({ epoch, epochs }) => [epoch, epochs]), [[1, 2]]);
  assertSame(await final(trainer), await final(whole));
  assert.deepEqual(notices, []);
});

Deno.test("Trainer.fit() trains a finished training on only if asked for more epochs", async () => {
  const trainer = tinyTrainer({ learningRate: 0.02 });
  await fit(trainer);
  assert.deepEqual(await fit(withoutOptions(trainer), { resume: true }), []);
  let notices: readonly string[] = [];
  const onStart = (start: { readonly notices: readonly string[] }) => notices = start.notices;
  const longer = await fit(withoutOptions(trainer, { epochs: 3 }), { resume: true, onStart });
  assert.deepEqual(longer.map(({ epoch, epochs }) => [epoch, epochs]), [[2, 3]]);
  assert.deepEqual(longer[0].log.learningRates.at(-1), 0.02 * (1 - 2 / 3) ** 0.9);
  assert.deepEqual(notices, ["Changed since checkpoint_final.pth was written: epochs 2 → 3"]);
});

Deno.test("Trainer.fit() says that it ends with more epochs than it was asked for", async () => {
  const trainer = tinyTrainer({ epochs: 3 });
  const { options } = abortWhen((p) => p.epoch === 2 && p.iteration === 1);
  await assert.rejects(fit(trainer, options), { message: "Enough" });
  const notices: string[] = [];
  const onStart = (start: { readonly notices: readonly string[] }) =>
    notices.push(...start.notices);
  assert.deepEqual(
    await fit(withoutOptions(trainer, { epochs: 1, seed: 9 }), {
      resume: true,
      onStart,
    }),
    [],
  );
  assert.deepEqual(notices, [
    "Changed since checkpoint_latest.pth was written: epochs 3 → 1",
    "checkpoint_latest.pth has 2 epochs, more than the 1 of this training, which ends with them",
    "Not using the seed 9, which is for new trainings; this one began with 7",
  ]);
});

Deno.test("Trainer.validate() mirrors as the network was trained, whatever the trainer's axes", async () => {
  const trainer = tinyTrainer({ mirrorAxes: [] });
  await Array.fromAsync(trainer.fit());
  const scores = (folder: string) => Deno.readTextFile(join(folder, "validation/summary.json"));
  const expected = JSON.parse(await scores(trainer.folder)).foreground_mean;
  for (const options of [{}, { mirrorAxes: [0, 1, 2] }]) {
    await Deno.remove(join(trainer.folder, "validation"), { recursive: true });
    const notices: string[] = [];
    await withoutOptions(trainer, options).validate({
      onStart: (start) => notices.push(...start.notices),
    });
    assert.deepEqual(JSON.parse(await scores(trainer.folder)).foreground_mean, expected);
    assert.deepEqual(
      notices,
      "mirrorAxes" in options
        ? [
          "Validating with the mirrored axes that the network was trained with, [], not [0,1,2]",
        ]
        : [],
    );
  }
});
