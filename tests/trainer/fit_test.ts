import assert from "node:assert/strict";
import { join } from "@std/path";
import { readSplits } from "../../lib/files/splits_file.ts";
import type { SgdState } from "../../lib/interop/optimizer_state.ts";
import { Plans } from "../../lib/plans.ts";
import { Session } from "../../lib/runtime/session.ts";
import { Trainer } from "../../lib/trainer.ts";
import type { FitOptions, ValidationOptions } from "../../lib/training/fit_options.ts";
import type { TrainerOptions } from "../../lib/training/training_options.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { tensor } from "../graph/run_graph.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { final, fit, tinyPlans, tinyTrainer, withLabels } from "./tiny_trainer.ts";

Deno.test("Trainer.fit() reports every epoch and writes a usable model", async () => {
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

Deno.test("Trainer.fit() trains fold all on every case, and creates splits for other folds", async () => {
  const plans = tinyPlans();
  const all = tinyTrainer({ fold: "all", epochs: 1, iterations: 1 }, plans);
  await fit(all);
  assert.equal((await final(all)).initArgs.fold, "all");
  await fit(tinyTrainer({ fold: 4, epochs: 1, iterations: 1 }, plans));
  assert.equal((await readSplits(join(plans.folder, "splits_final.json"))).length, 5);
});

Deno.test("Trainer.fit() says what is missing", async () => {
  const plans = tinyPlans();
  const nowhere = join(plans.folders.results, "nowhere");
  const unprepared = new Plans({ ...plans, folder: nowhere });
  await assert.rejects(
    fit(tinyTrainer({}, unprepared)),
    /found no preprocessed cases in .*nowhere/,
  );
});

Deno.test("Trainer.fit() rejects folds with cases that are no longer preprocessed", async () => {
  const { plans, dataset, root } = await makeTinyPlans();
  try {
    await fit(tinyTrainer({ epochs: 1, iterations: 1 }, plans));
    const cases = dataset.cases.filter(({ name }) => name !== "c4");
    await plans.preprocess({ ...dataset, cases }, { configurations: ["3d_fullres"], workers: 1 });
    await assert.rejects(
      fit(tinyTrainer({}, plans)),
      /Cannot train fold 0 of 3d_fullres: 1 of its 5 cases are not preprocessed completely .*: c4;/,
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("new Trainer() rejects invalid options and unknown configurations", () => {
  assert.throws(() => tinyTrainer({ epochs: 0 }), {
    name: "RangeError",
    message: "Cannot train: epochs is 0, expected an integer of at least 1",
  });
  assert.throws(() => tinyTrainer({ patience: 0 }), /patience is 0/);
  assert.throws(() => tinyTrainer({ mirrorAxes: [5] }), /mirrorAxes is \[5\]/);
  assert.throws(() => new Trainer(tinyPlans(), "3d_lowres"), {
    name: "RangeError",
    message: 'Cannot use configuration "3d_lowres": nnUNetPlans of Dataset001_Tiny has ' +
      "2d, 3d_fullres",
  });
});

Deno.test("Trainer rejects unknown options in every method", async () => {
  assert.throws(() => tinyTrainer({ epoch: 5 } as TrainerOptions), {
    name: "TypeError",
    message: 'Cannot train: unknown option "epoch"; did you mean "epochs"?',
  });
  const trainer = tinyTrainer();
  await assert.rejects(fit(trainer, { resum: true } as FitOptions), {
    message: 'Cannot train: unknown option "resum"; did you mean "resume"?',
  });
  await assert.rejects(fit(trainer, { validation: { checkpoints: "a" } } as FitOptions), {
    message: 'Cannot train: unknown option "validation.checkpoints"; ' +
      'did you mean "validation.checkpoint"?',
  });
  await assert.rejects(trainer.validate({ onProgres: () => {} } as ValidationOptions), {
    message: 'Cannot validate: unknown option "onProgres"; did you mean "onProgress"?',
  });
});

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

Deno.test("Trainer.fit() trains as one of upstream's trainers, unless options override it", async () => {
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

Deno.test("Trainer.fit() samples and augments patches as the chosen trainer does", async () => {
  const losses = new Set<number>();
  const trainers = [
    "nnUNetTrainer",
    "nnUNetTrainerDA5",
    "nnUNetTrainer_probabilisticOversampling_010",
  ];
  for (const trainer of trainers) {
    const reports = await fit(tinyTrainer({ trainer, epochs: 1, validationIterations: 1 }));
    losses.add(reports[0].log.trainLosses[0]);
  }
  assert.equal(losses.size, trainers.length);
  assert.ok([...losses].every(Number.isFinite));
});

Deno.test("Trainer.fit() without deep supervision leaves the other heads without momentum", async () => {
  const trainer = tinyTrainer({
    deepSupervision: false,
    sgd: { weightDecay: 0 },
    epochs: 1,
    iterations: 2,
  });
  await fit(trainer);
  const { momentumBuffers } = (await final(trainer)).optimizer as SgdState;
  const moved = [...momentumBuffers].flatMap(([name, { data }]) =>
    name.includes("seg_layers") && data.some((value) => value !== 0) ? [name] : []
  );
  // Only the highest resolution has a loss.
  assert.equal(new Set(moved.map((name) => name.replace(/\.\w+$/, ""))).size, 1, `${moved}`);
});

Deno.test("Trainer.fit() starts from pretrained weights, except for the heads", async () => {
  const before = tinyTrainer({ epochs: 1 });
  await fit(before);
  const pretrainedWeights = join(before.folder, "checkpoint_final.pth");
  // The learning rate is 0, so the final weights are the initial ones.
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

Deno.test("Trainer.fit() writes no weights if `checkpoints` is false", async () => {
  const trainer = tinyTrainer({ checkpoints: false, epochs: 1, iterations: 1 });
  await fit(trainer);
  const names = namesIn(trainer.folder).filter((name) => /pth|onnx/.test(name));
  assert.deepEqual(names, []);
});
