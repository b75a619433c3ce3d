import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import { readCheckpoint } from "../lib/files/checkpoint_file.ts";
import { readSplits, writeSplits } from "../lib/files/splits_json.ts";
import { readSummary } from "../lib/files/summary_json.ts";
import type { NnunetCheckpoint } from "../lib/interop/nnunet_checkpoint.ts";
import { Plans } from "../lib/plans.ts";
import { writeLabelMap } from "../lib/preprocessing/label_map_storage.ts";
import { readCase } from "../lib/preprocessing/storage.ts";
import { Session } from "../lib/runtime/session.ts";
import { type FitOptions, Trainer, type TrainerOptions } from "../lib/trainer.ts";
import type { TrainingProgress } from "../lib/training/training_run.ts";
import { tensor } from "./graph/run_graph.ts";
import { namesIn } from "./dataset/sample_folders.ts";
import { makeTinyPlans, withOwnResults } from "./tiny_scans.ts";

const { plans: shared, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const short = {
  epochs: 2,
  iterations: 3,
  validationIterations: 2,
  seed: 7,
  threads: 1,
  loaders: 1,
} as const satisfies TrainerOptions;

/** A trainer whose results nothing else touches. */
function tinyTrainer(options: TrainerOptions = {}, plans = withOwnResults(shared, root)) {
  return new Trainer(plans, "3d_fullres", { ...short, ...options });
}

/** Trains; whole cases are validated where a test asks for it. */
const fit = (trainer: Trainer, options?: FitOptions) =>
  Array.fromAsync(trainer.fit({ validation: false, ...options }));
const final = (trainer: Trainer) => readCheckpoint(join(trainer.folder, "checkpoint_final.pth"));
const latest = (trainer: Trainer) => readCheckpoint(join(trainer.folder, "checkpoint_latest.pth"));

/** Options that abort when training has come to a point, and what was seen until the end. */
function abortWhen(reached: (progress: TrainingProgress) => boolean) {
  const controller = new AbortController();
  const seen: TrainingProgress[] = [];
  const onProgress = (progress: TrainingProgress) => {
    seen.push(progress);
    if (reached(progress)) controller.abort(new Error("Enough"));
  };
  return { options: { signal: controller.signal, onProgress }, seen };
}

/** What has to be the same to the bit however often a training was interrupted. */
function lasting({ log, networkWeights, optimizer, bestEma, currentEpoch }: NnunetCheckpoint) {
  const { epochStart: _, epochEnd: __, ...curves } = log;
  return { curves, networkWeights, momentum: optimizer!.momentumBuffers, bestEma, currentEpoch };
}

let unbroken: Promise<NnunetCheckpoint> | undefined;

/** The end of a training that nothing interrupted. */
function reference(): Promise<NnunetCheckpoint> {
  return unbroken ??= (async () => {
    const trainer = tinyTrainer();
    await fit(trainer);
    return await final(trainer);
  })();
}

Deno.test("Trainer.fit() reports every epoch and leaves a model that can be used", async () => {
  const trainer = tinyTrainer();
  const steps: string[] = [];
  const reports = await fit(trainer, {
    onProgress: ({ epoch, phase, iteration, iterations, loss, secondsLeft }) => {
      steps.push(`${epoch} ${phase} ${iteration}/${iterations}`);
      assert.ok(Number.isFinite(loss) && secondsLeft >= 0);
    },
  });
  const phases = [
    "training 1/3",
    "training 2/3",
    "training 3/3",
    "validation 1/2",
    "validation 2/2",
  ];
  assert.deepEqual(steps, [0, 1].flatMap((epoch) => phases.map((phase) => `${epoch} ${phase}`)));

  assert.deepEqual(reports.map(({ epoch, epochs }) => [epoch, epochs]), [[0, 2], [1, 2]]);
  const { log } = reports[1];
  for (const curve of Object.values(log)) assert.equal(curve.length, 2);
  assert.ok(log.trainLosses.every(Number.isFinite) && log.valLosses.every(Number.isFinite));
  assert.deepEqual(log.learningRates, [0.01, 0.01 * 0.5 ** 0.9]);
  assert.deepEqual(log.dicePerClass.map(({ length }) => length), [2, 2]);
  assert.ok(log.epochEnd[0] >= log.epochStart[0] && log.epochStart[1] >= log.epochEnd[0]);

  assert.deepEqual(namesIn(trainer.modelFolder), [
    "dataset.json",
    "dataset_fingerprint.json",
    "fold_0/",
    "plans.json",
  ]);
  const names = namesIn(trainer.folder)
    .map((name) => name.replace(/^(training_log_).*(\.txt)$/, "$1DATE$2"));
  assert.deepEqual(names, [
    "checkpoint_best.pth",
    "checkpoint_final.pth",
    "debug.json",
    "model.onnx",
    "progress.png",
    "training_log.jsonl",
    "training_log_DATE.txt",
  ]);
  const { currentEpoch, initArgs, inferenceAllowedMirroringAxes, trainerName } = await final(
    trainer,
  );
  assert.equal(currentEpoch, 2);
  assert.equal(initArgs.configuration, "3d_fullres");
  assert.equal(initArgs.fold, 0);
  assert.equal(trainerName, "nnUNetTrainer");
  assert.deepEqual(inferenceAllowedMirroringAxes, [0, 1, 2]);

  const session = await Session.create(await Deno.readFile(join(trainer.folder, "model.onnx")), {
    threads: 1,
  });
  const shape = [1, 1, ...trainer.configuration.patchSize];
  const size = shape.reduce((a, b) => a * b);
  const { logits } = await session.run({ image: tensor({ shape, data: new Float32Array(size) }) });
  await session.release();
  assert.deepEqual(logits.shape, [1, 3, ...shape.slice(2)]);
});

Deno.test("Trainer.fit() learns: the loss falls over a few epochs", async () => {
  const trainer = tinyTrainer({ epochs: 4, iterations: 10, validationIterations: 1 });
  const { trainLosses } = (await fit(trainer)).at(-1)!.log;
  assert.ok(trainLosses[3] < trainLosses[0] - 0.3, `${trainLosses}`);
});

Deno.test("Trainer.fit() repeats itself from a seed, whatever the number of loaders", async () => {
  const again = tinyTrainer({ loaders: 2 });
  await fit(again);
  assert.deepEqual(lasting(await final(again)), lasting(await reference()));
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
  Deno.test(`Trainer.fit() goes on to the same end after an abort ${when}`, async () => {
    const trainer = tinyTrainer();
    const { options, seen } = abortWhen(reached);
    await assert.rejects(fit(trainer, options), { message: "Enough" });
    assert.ok(reached(seen.at(-1)!), "no step begins after the abort");
    const { currentEpoch, log } = await latest(trainer);
    assert.equal(currentEpoch, seen.at(-1)!.epoch);
    assert.equal(log.trainLosses.length, currentEpoch);

    // As another process would: with nothing but the folder.
    const successor = tinyTrainer({}, trainer.plans);
    await fit(successor, { resume: true });
    assert.deepEqual(lasting(await final(successor)), lasting(await reference()));
    assert.ok(!namesIn(successor.folder).includes("checkpoint_latest.pth"));
  });
}

Deno.test("Trainer.fit() goes on to the same end after a kill", async () => {
  const trainer = tinyTrainer();
  const killed = withOwnResults(shared, root);
  for await (const _ of trainer.fit()) {
    cpSync(trainer.plans.folders.results, killed.folders.results, { recursive: true });
    break;
  }
  const successor = tinyTrainer({}, killed);
  const reports = await fit(successor, { resume: true });
  assert.deepEqual(reports.map(({ epoch }) => epoch), [1]);
  assert.deepEqual(lasting(await final(successor)), lasting(await reference()));
});

Deno.test("Trainer.fit() adds epochs to a finished training", async () => {
  const trainer = tinyTrainer({ epochs: 1 });
  await fit(trainer);
  const longer = tinyTrainer({ epochs: 2 }, trainer.plans);
  assert.deepEqual((await fit(longer, { resume: true })).map(({ epoch }) => epoch), [1]);
  assert.deepEqual(await fit(longer, { resume: true }), []);
  assert.equal((await final(longer)).currentEpoch, 2);
});

Deno.test("Trainer.fit() goes on from a newer training than the finished one beside it", async () => {
  const trainer = tinyTrainer({ epochs: 1 });
  await fit(trainer);
  const anew = tinyTrainer({ seed: 9 }, trainer.plans);
  const { options } = abortWhen(({ iteration }) => iteration === 1);
  await assert.rejects(fit(anew, options), { message: "Enough" });
  const reports = await fit(anew, { resume: true });
  assert.deepEqual(reports.map(({ epoch }) => epoch), [0, 1]);
});

Deno.test("Trainer.fit() starts nothing when aborted before", async () => {
  const trainer = tinyTrainer();
  await assert.rejects(fit(trainer, { signal: AbortSignal.abort(new Error("Enough")) }), {
    message: "Enough",
  });
  assert.deepEqual(namesIn(trainer.plans.folders.results), []);
});

for (const iterations of [1, 2]) {
  Deno.test(`Trainer.fit() stops at a NaN loss after ${iterations} steps, keeping the last state`, async () => {
    const schedule = (epoch: number) => epoch === 0 ? 0.01 : NaN;
    const trainer = tinyTrainer({ schedule, iterations });
    // A weight spoilt by the epoch's last step is only seen in validation.
    const where = iterations === 1 ? "validation step 1" : "training step 2";
    await assert.rejects(fit(trainer), {
      message: `Cannot go on training: epoch 2, ${where} has loss NaN, expected a finite number; ` +
        "the last saved state is kept; try a lower learning rate",
    });
    const { currentEpoch, networkWeights } = await latest(trainer);
    assert.equal(currentEpoch, 1);
    for (const { data } of networkWeights.values()) assert.ok(data.every(Number.isFinite));
  });
}

Deno.test("Trainer.fit() refuses a checkpoint of another network", async () => {
  const trainer = tinyTrainer({ epochs: 1, iterations: 1 });
  await fit(trainer);
  const { data } = trainer.plans;
  const configuration = data.configurations["3d_fullres"]!;
  const { architecture } = configuration;
  const wider = new Plans({
    ...trainer.plans,
    data: {
      ...data,
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
  await assert.rejects(fit(tinyTrainer({}, wider), { resume: true }), (error: Error) => {
    assert.match(error.message, /encoder\.stages\.0\.0\.convs\.0\.conv\.weight/);
    return true;
  });
});

Deno.test("Trainer.fit() trains fold all on every case, and makes splits for the others", async () => {
  const plans = withOwnResults(shared, root);
  const all = tinyTrainer({ fold: "all", epochs: 1, iterations: 1 }, plans);
  await fit(all);
  assert.equal((await final(all)).initArgs.fold, "all");
  await fit(tinyTrainer({ fold: 4, epochs: 1, iterations: 1 }, plans));
  assert.equal((await readSplits(join(plans.folder, "splits_final.json"))).length, 5);
});

Deno.test("Trainer.fit() says what is missing", async () => {
  const unprepared = new Plans({ ...shared, folder: join(root, "nowhere") });
  await assert.rejects(fit(tinyTrainer({}, unprepared)), {
    message: "Cannot train 3d_fullres: found no preprocessed cases in " +
      `${join(root, "nowhere", "nnUNetPlans_3d_fullres")}; preprocess the data set first`,
  });
  const plans = withOwnResults(shared, root);
  const path = join(plans.folder, "splits_final.json");
  const given = await Deno.readFile(path);
  await writeSplits(path, [{ train: ["c0", "gone"], validation: ["c1"] }]);
  await assert.rejects(fit(tinyTrainer({}, plans)), {
    message: `Cannot train fold 0: ${path} names gone, ` +
      `which ${join(plans.folder, "nnUNetPlans_3d_fullres")} does not have`,
  });
  await Deno.writeFile(path, given);
  await assert.rejects(fit(tinyTrainer({ fold: -1 })), {
    message: 'Cannot select fold -1: expected 0, 1, 2, … or "all"',
  });
});

Deno.test("new Trainer() refuses options and data sets that it cannot train", () => {
  assert.throws(() => tinyTrainer({ epochs: 0 }), {
    name: "RangeError",
    message: "Cannot train: epochs is 0, expected an integer of at least 1",
  });
  assert.throws(() => tinyTrainer({ iterations: 1.5 }), /iterations is 1.5/);
  assert.throws(() => new Trainer(shared, "3d_lowres"), {
    name: "RangeError",
    message: 'Cannot use configuration "3d_lowres": nnUNetPlans of Dataset001_Tiny has ' +
      "2d, 3d_fullres",
  });
});

const withLabels = (labels: Record<string, number | number[]>) => {
  const plans = withOwnResults(shared, root);
  const regionsClassOrder = "whole" in labels ? [1, 2] : undefined;
  return new Plans({ ...plans, dataset: { ...plans.dataset, labels, regionsClassOrder } });
};

for (
  const [what, labels, heads, dice] of [
    ["regions", { background: 0, whole: [1, 2], ball: 2 }, 2, 2],
    ["an ignore label", { background: 0, shell: 1, ignore: 2 }, 2, 1],
    ["regions and an ignore label", { background: 0, whole: [1, 2], ball: 2, ignore: 3 }, 2, 2],
  ] as const
) {
  Deno.test(`Trainer.fit() learns with ${what}`, async () => {
    const plans = withLabels(labels as unknown as Record<string, number | number[]>);
    const trainer = tinyTrainer({ epochs: 3, iterations: 10, validationIterations: 1 }, plans);
    const { log } = (await fit(trainer)).at(-1)!;
    assert.ok(log.trainLosses[2] < log.trainLosses[0] - 0.2, `${log.trainLosses}`);
    assert.equal(log.dicePerClass[2].length, dice);
    const { networkWeights } = await final(trainer);
    assert.equal(networkWeights.get("decoder.seg_layers.0.bias")!.shape[0], heads);
  });
}

/** Events of a fold's log. */
const eventsOf = async (trainer: Trainer) =>
  (await Deno.readTextFile(join(trainer.folder, "training_log.jsonl"))).trim().split("\n")
    .map((line) => JSON.parse(line));

Deno.test("Trainer.fit() writes a log while it trains, the same after a kill", async () => {
  const trainer = tinyTrainer();
  const killed = withOwnResults(shared, root);
  for await (const { log } of trainer.fit({ validation: false })) {
    const [start, ...epochs] = await eventsOf(trainer);
    assert.equal(start.event, "start");
    assert.equal(start.options.iterations, 3);
    assert.deepEqual(epochs.map(({ train_loss }) => train_loss), log.trainLosses);
    assert.deepEqual(epochs.map(({ dice_per_class_or_region: dice }) => dice), log.dicePerClass);
    if (epochs.length === 1) {
      cpSync(trainer.plans.folders.results, killed.folders.results, { recursive: true });
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

Deno.test("Trainer.fit() ends when its patience does, and again there when taken up", async () => {
  const stuck = { patience: 1, epochs: 5, iterations: 1, learningRate: 1e-12, schedule: () => 0 };
  const trainer = tinyTrainer(stuck);
  const epochs = (await fit(trainer)).length;
  assert.ok(epochs < 5);
  assert.equal((await final(trainer)).currentEpoch, epochs);
  assert.match((await eventsOf(trainer)).at(-1)!.reason, /^the pseudo Dice has not risen/);
  assert.deepEqual(await fit(tinyTrainer(stuck, trainer.plans), { resume: true }), []);
});

Deno.test("Trainer.fit() trains at least an epoch of a time budget, and no more", async () => {
  const trainer = tinyTrainer({ timeBudget: 1e-6, epochs: 3, iterations: 1 });
  assert.equal((await fit(trainer)).length, 1);
});

Deno.test("Trainer.fit() writes no weights where that is not wanted", async () => {
  const trainer = tinyTrainer({ checkpoints: false, epochs: 1, iterations: 1 });
  await fit(trainer);
  const names = namesIn(trainer.folder).filter((name) => /pth|onnx/.test(name));
  assert.deepEqual(names, []);
});

Deno.test("Trainer.fit() trains as one of upstream's trainers, options going before", async () => {
  const trainer = tinyTrainer({
    trainer: "nnUNetTrainer_250epochs_NoMirroring",
    epochs: 1,
    iterations: 1,
  });
  await fit(trainer);
  assert.match(
    trainer.modelFolder,
    /nnUNetTrainer_250epochs_NoMirroring__nnUNetPlans__3d_fullres$/,
  );
  const { trainerName, inferenceAllowedMirroringAxes, currentEpoch } = await final(trainer);
  assert.equal(trainerName, "nnUNetTrainer_250epochs_NoMirroring");
  assert.equal(inferenceAllowedMirroringAxes, null);
  assert.equal(currentEpoch, 1);
});

Deno.test("Trainer.fit() without deep supervision leaves the other heads without momentum", async () => {
  const trainer = tinyTrainer({
    deepSupervision: false,
    sgd: { weightDecay: 0 },
    epochs: 1,
    iterations: 2,
  });
  await fit(trainer);
  const { momentumBuffers } = (await final(trainer)).optimizer!;
  const moved = [...momentumBuffers].flatMap(([name, { data }]) =>
    name.includes("seg_layers") && data.some((value) => value !== 0) ? [name] : []
  );
  // Of several heads the last is that of the highest resolution.
  assert.equal(new Set(moved.map((name) => name.replace(/\.\w+$/, ""))).size, 1, `${moved}`);
});

Deno.test("Trainer.fit() begins with pretrained weights, but for the heads", async () => {
  const before = tinyTrainer({ epochs: 1 });
  await fit(before);
  const pretrainedWeights = join(before.folder, "checkpoint_final.pth");
  // No step changes anything, so what was begun with is seen.
  const options = { pretrainedWeights, schedule: () => 0, epochs: 1, iterations: 1, seed: 5 };
  const after = tinyTrainer(options);
  await fit(after);
  const [{ networkWeights: old }, { networkWeights: found }] = [
    await final(before),
    await final(after),
  ];
  for (const [name, { data }] of found) {
    if (name.endsWith("weight") && name.includes("seg_layers")) {
      assert.notDeepEqual(data, old.get(name)!.data, name);
    } else if (!name.includes("seg_layers")) assert.deepEqual(data, old.get(name)!.data, name);
  }
});

Deno.test("Trainer.fit() validates the fold's cases, and validate() does so again", async () => {
  const trainer = tinyTrainer({ epochs: 1, iterations: 1 });
  const shares: number[] = [];
  await fit(trainer, {
    validation: { saveProbabilities: true },
    onValidation: ({ share }) => shares.push(share),
  });
  const validation = join(trainer.folder, "validation");
  assert.deepEqual(namesIn(validation), ["c0.nii.gz", "c0.npz", "c0.pkl", "summary.json"]);
  assert.equal(shares.at(-1), 1);
  const { event, mean_fg_dice } = (await eventsOf(trainer)).at(-1)!;
  const summary = await readSummary(join(validation, "summary.json"));
  assert.equal(event, "validation");
  assert.equal(mean_fg_dice, summary.foregroundMean.dice);

  await Deno.remove(validation, { recursive: true });
  const again = tinyTrainer({}, trainer.plans);
  assert.deepEqual(await again.validate(), summary);
  assert.deepEqual(namesIn(validation), ["c0.nii.gz", "summary.json"]);
  await assert.rejects(tinyTrainer({ fold: 1 }, trainer.plans).validate(), /checkpoint_final.pth/);
});

/** Plans with a cascade, whose two stages share the grid. */
function withCascade(): Plans {
  const plans = withOwnResults(shared, root);
  const fullres = plans.data.configurations["3d_fullres"]!;
  return new Plans({
    ...plans,
    data: {
      ...plans.data,
      configurations: {
        "3d_lowres": { ...fullres, name: "3d_lowres", nextStage: "3d_cascade_fullres" },
        "3d_fullres": fullres,
        "3d_cascade_fullres": {
          ...fullres,
          name: "3d_cascade_fullres",
          previousStage: "3d_lowres",
        },
      },
    },
  });
}

Deno.test("Trainer.fit() leaves what a cascade's next stage needs", async () => {
  const plans = withCascade();
  const once = { epochs: 1, iterations: 1 };
  for (const fold of [0, 1, 2, 3, 4]) {
    await fit(new Trainer(plans, "3d_lowres", { ...short, ...once, fold }), { validation: {} });
  }
  const trainer = new Trainer(plans, "3d_cascade_fullres", { ...short, ...once });
  await fit(trainer, { validation: {} });
  assert.deepEqual(namesIn(join(trainer.folder, "validation")), ["c0.nii.gz", "summary.json"]);
});

Deno.test("Trainer.fit() trains a cascade on the stage before, and says which folds that lacks", async () => {
  const plans = withCascade();
  const once = { epochs: 1, iterations: 2 };
  const trainer = new Trainer(plans, "3d_cascade_fullres", { ...short, ...once });
  const folder = join(
    plans.folders.results,
    "Dataset001_Tiny/nnUNetTrainer__nnUNetPlans__3d_lowres/predicted_next_stage/3d_cascade_fullres",
  );
  const cases = join(plans.folder, "nnUNetPlans_3d_fullres");
  for (const name of ["c0", "c1", "c3"]) {
    const { segmentation } = await readCase(cases, name);
    await writeLabelMap(folder, name, {
      ...segmentation!,
      data: segmentation!.data.map((label) => Math.max(0, label)),
    });
  }
  // Folds of five cases: c0, c4, c3, c1, c2.
  await assert.rejects(fit(trainer), {
    message: `Cannot train 3d_cascade_fullres: found no 3d_lowres segmentations of 2 of 5 cases ` +
      `(c2, c4) in ${folder}; train and validate folds 1, 4 of 3d_lowres first`,
  });
  for (const name of ["c2", "c4"]) {
    const { segmentation } = await readCase(cases, name);
    await writeLabelMap(folder, name, segmentation!);
  }
  await fit(trainer);
  const { networkWeights } = await final(trainer);
  const first = networkWeights.get("encoder.stages.0.0.convs.0.conv.weight")!;
  assert.equal(first.shape[1], 1 + 2);
});
