import assert from "node:assert/strict";
import { join } from "@std/path";
import { Plans } from "../../lib/plans.ts";
import type { Trainer } from "../../lib/trainer.ts";
import { openTrained } from "../../lib/model/open_trained.ts";
import type { FitOptions } from "../../lib/training/fit_options.ts";
import type { TrainingStart } from "../../lib/training/training_start.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { abortWhen, eventsOf, final, fit, latest, tinyTrainer } from "./tiny_trainer.ts";

const short = { epochs: 1, iterations: 1, validationIterations: 1 };

/** Trains, and returns what was reported at the start. */
async function start(trainer: Trainer, options: FitOptions = {}): Promise<TrainingStart> {
  const starts: TrainingStart[] = [];
  await fit(trainer, { ...options, onStart: (start) => starts.push(start) });
  assert.equal(starts.length, 1);
  return starts[0];
}

/** Names of all files of a fold, with their sizes and times. */
function snapshot(folder: string): Record<string, unknown> {
  const files: Record<string, unknown> = {};
  const visit = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      const child = join(path, name);
      if (isDirectory) visit(child);
      else {
        const { size, mtime } = Deno.statSync(child);
        files[child.slice(folder.length)] = [size, mtime];
      }
    }
  };
  visit(folder);
  return files;
}

const previousIn = ({ modelFolder }: Trainer) =>
  namesIn(modelFolder).filter((name) => name.startsWith("previous_"))
    .map((name) => name.replace(/\/$/, ""));

Deno.test("Trainer.fit() keeps a finished fold beside the new one, with its date", async () => {
  const trainer = tinyTrainer(short);
  await fit(trainer);
  const before = snapshot(trainer.folder);
  for (const count of [1, 2]) {
    // Trainings that ended in the same second.
    await Deno.utime(
      join(trainer.folder, "checkpoint_final.pth"),
      new Date(2026, 10, 30, 8, 15, 2),
      new Date(2026, 10, 30, 8, 15, 2),
    );
    const { notices } = await start(tinyTrainer({ ...short, seed: count }, trainer.plans));
    const kept = `previous_fold_0_2026-11-30_08-15-02${count === 1 ? "" : "_2"}`;
    assert.deepEqual(notices, [
      `Kept the finished training in ${trainer.folder} as ${join(trainer.modelFolder, kept)}`,
    ]);
    assert.equal(previousIn(trainer).at(-1), kept);
  }
  const kept = snapshot(join(trainer.modelFolder, previousIn(trainer)[0]));
  assert.deepEqual(Object.keys(kept), Object.keys(before));
  assert.equal((await openTrained(trainer.modelFolder)).checkpoints.length, 1);
  const [, logged] = await eventsOf(trainer);
  assert.match(logged.message, /^Kept the finished training/);
});

Deno.test("Trainer.fit() removes an earlier training with `overwrite`", async () => {
  const trainer = tinyTrainer(short);
  await fit(trainer, { validation: {} });
  const { notices } = await start(tinyTrainer(short, trainer.plans), { overwrite: true });
  assert.deepEqual(notices, [`Removed the finished training in ${trainer.folder}`]);
  assert.deepEqual(previousIn(trainer), []);
  assert.ok(!namesIn(trainer.folder).includes("validation"));
});

Deno.test("Trainer.fit() keeps an unfinished fold, and can start from its weights", async () => {
  const trainer = tinyTrainer({ iterations: 2 });
  const { options } = abortWhen(({ iteration }) => iteration === 1);
  await assert.rejects(fit(trainer, options), { message: "Enough" });
  const pretrainedWeights = join(trainer.folder, "checkpoint_latest.pth");
  const next = tinyTrainer({ ...short, pretrainedWeights }, trainer.plans);
  assert.match(
    (await start(next)).notices[0],
    /^Kept the unfinished training in .* as .*previous_/,
  );
  assert.ok(
    namesIn(join(trainer.modelFolder, previousIn(trainer)[0])).includes("checkpoint_latest.pth"),
  );
});

Deno.test("Trainer.fit() keeps an earlier training if the new one cannot start", async () => {
  const trainer = tinyTrainer(short);
  await fit(trainer);
  const before = snapshot(trainer.folder);
  const next = tinyTrainer({ ...short, pretrainedWeights: "/missing.pth" }, trainer.plans);
  await assert.rejects(fit(next, { overwrite: true }), /missing\.pth/);
  assert.deepEqual(snapshot(trainer.folder), before);
  assert.deepEqual(namesIn(trainer.modelFolder).filter((name) => name.includes("lock")), []);
});

Deno.test("Trainer.fit() reports what it is about to do", async () => {
  const trainer = tinyTrainer({ ...short, epochs: 2, device: "cpu" });
  const { secondsLeft, ...first } = await start(trainer);
  const { patchSize, batchSize } = trainer.configuration;
  assert.equal(secondsLeft, undefined);
  assert.deepEqual(first, {
    dataset: "Dataset001_Tiny",
    configuration: "3d_fullres",
    fold: 0,
    folder: trainer.folder,
    trainingCases: 4,
    validationCases: 1,
    validatedCases: 0,
    patchSize,
    batchSize,
    device: "cpu",
    epochs: 2,
    finishedEpochs: 0,
    notices: [],
  });
  const longer = tinyTrainer({ ...short, epochs: 4, device: "cpu" }, trainer.plans);
  const resumed = await start(longer, { resume: true });
  assert.deepEqual([resumed.finishedEpochs, resumed.epochs], [2, 4]);
  const { log } = await final(longer);
  const spent = log.epochEnd[1] - log.epochStart[1] + log.epochEnd[0] - log.epochStart[0];
  assert.ok(Math.abs(resumed.secondsLeft! - spent) < 1e-6);
});

Deno.test("Trainer.fit() says if there is nothing to resume from", async () => {
  const trainer = tinyTrainer(short);
  const { notices, finishedEpochs } = await start(trainer, { resume: true });
  assert.deepEqual(notices, [`Found no checkpoint in ${trainer.folder}: this is a new training`]);
  assert.equal(finishedEpochs, 0);
});

Deno.test("Trainer.fit() leaves a finished fold as it is when resumed, and says so", async () => {
  const trainer = tinyTrainer({ ...short, fold: "all" });
  await fit(trainer, { validation: {} });
  const before = snapshot(trainer.folder);
  const again = await start(trainer, { resume: true, validation: {} });
  assert.deepEqual(snapshot(trainer.folder), before);
  assert.deepEqual(again.notices, [
    `The training in ${trainer.folder} has ended after 1 epoch`,
    "The predictions of 5 validation cases are complete and scored",
  ]);
  assert.deepEqual([again.finishedEpochs, again.epochs, again.validatedCases], [1, 1, 5]);
});

Deno.test("Trainer.fit() resumes a validation case by case", async () => {
  const trainer = tinyTrainer({ ...short, fold: "all" });
  const controller = new AbortController();
  await assert.rejects(
    fit(trainer, {
      validation: { saveProbabilities: true },
      signal: controller.signal,
      onValidation: ({ cases }) => cases === 2 && controller.abort(new Error("Enough")),
    }),
    { message: "Enough" },
  );
  const done = namesIn(join(trainer.folder, "validation")).filter((name) => name.endsWith(".npz"));
  assert.ok(done.length >= 2 && done.length < 5);
  const times = () =>
    done.map((name) => Deno.statSync(join(trainer.folder, "validation", name)).mtime);
  const before = times();
  const { notices, validatedCases } = await start(trainer, {
    resume: true,
    validation: { saveProbabilities: true },
  });
  assert.equal(validatedCases, done.length);
  assert.deepEqual(notices.slice(1), [
    `Keeping the predictions of ${done.length} of 5 validation cases, which this model made before`,
  ]);
  assert.deepEqual(times(), before);

  // Cases that another checkpoint has predicted are not taken, and files that are not whole neither.
  const kept = async (options: Parameters<Trainer["validate"]>[0]) => {
    let cases: number | undefined;
    await trainer.validate({ ...options, onStart: (start) => cases = start.validatedCases });
    return cases;
  };
  assert.equal(await kept({ saveProbabilities: true }), 5);
  assert.equal(await kept({}), 0, "without probabilities");
  assert.equal(await kept({}), 5);
  await Deno.truncate(join(trainer.folder, "validation", "c3.nii.gz"), 20);
  assert.equal(await kept({}), 4);
  assert.equal(await kept({ overwrite: true }), 0);
  const other = tinyTrainer({ ...short, fold: "all", seed: 3 });
  await fit(other);
  await Deno.copyFile(
    join(other.folder, "checkpoint_final.pth"),
    join(trainer.folder, "checkpoint_best.pth"),
  );
  assert.equal(await kept({ checkpoint: "checkpoint_best.pth" }), 0);
  assert.equal(await kept({}), 0, "the files are the other's now");
});

Deno.test("Trainer.validate() does not score cases that the fold does not validate on", async () => {
  const trainer = tinyTrainer(short);
  await fit(trainer, { validation: {} });
  const validation = join(trainer.folder, "validation");
  await Deno.copyFile(join(validation, "c0.nii.gz"), join(validation, "c1.nii.gz"));
  const seen: string[] = [];
  const { cases } = await trainer.validate({ onWarning: (message) => seen.push(message) });
  assert.equal(cases.length, 1);
  assert.deepEqual(seen, [
    "Removing validation predictions of c1, which the fold does not validate on",
  ]);
});

Deno.test("Trainer.validate() says if the training is not finished", async () => {
  const trainer = tinyTrainer();
  await assert.rejects(trainer.validate(), {
    name: "ErrorWithRemedy",
    message: `Cannot validate ${trainer.folder}: it has no checkpoint_final.pth, so its training ` +
      "is not finished; finish it with `fit({ resume: true })`, or validate another checkpoint",
  });
});

/** Damages of a checkpoint's file. */
const damages: [string, (bytes: Uint8Array) => Uint8Array][] = [
  ["empty", () => new Uint8Array()],
  ["cut off", (bytes) => bytes.subarray(0, bytes.length / 2)],
  ["cut off by one byte", (bytes) => bytes.subarray(0, -1)],
  ["all zeros", (bytes) => new Uint8Array(bytes.length)],
  ["zeros in the middle", (bytes) => bytes.slice().fill(0, bytes.length / 3, bytes.length / 2)],
  ["another file", () => new TextEncoder().encode("PK, but no checkpoint")],
];

Deno.test("Trainer.fit() resumes from the best checkpoint if the latest is damaged", async () => {
  const trainer = tinyTrainer();
  const { options } = abortWhen(({ epoch, iteration }) => epoch === 1 && iteration === 1);
  await assert.rejects(fit(trainer, options), { message: "Enough" });
  const path = join(trainer.folder, "checkpoint_latest.pth");
  const whole = await Deno.readFile(path);
  for (const [what, damage] of damages) {
    await Deno.writeFile(path, damage(whole));
    const { options } = abortWhen(({ epoch, iteration }) => epoch === 1 && iteration === 1);
    const starts: TrainingStart[] = [];
    await assert.rejects(
      fit(trainer, { ...options, resume: true, onStart: (start) => starts.push(start) }),
      { message: "Enough" },
    );
    assert.equal(starts[0].finishedEpochs, 1, what);
    assert.match(starts[0].notices[0], /checkpoint_latest\.pth/, what);
    assert.equal(
      starts[0].notices[1],
      "Resuming from checkpoint_best.pth instead, after epoch 1",
      what,
    );
    assert.equal((await latest(trainer)).currentEpoch, 1, "it is replaced");
  }
  for (const name of ["checkpoint_latest.pth", "checkpoint_best.pth"]) {
    await Deno.truncate(join(trainer.folder, name), 100);
  }
  await assert.rejects(fit(trainer, { resume: true }), (error: Error) => {
    assert.equal(error.name, "ErrorWithRemedy");
    assert.match(
      error.message,
      /^Cannot resume .*fold_0: .*checkpoint_latest\.pth.*; .*checkpoint_best\.pth.*; leave out `resume: true` to train anew/s,
    );
    return true;
  });
});

Deno.test("Trainer.fit() reports what changed since the checkpoint that it resumes from", async () => {
  const trainer = tinyTrainer({ iterations: 1 });
  const { options } = abortWhen(({ epoch, phase }) => epoch === 0 && phase === "validation");
  await assert.rejects(fit(trainer, options), { message: "Enough" });
  const { plansData, datasetJson } = trainer.plans;
  const configuration = plansData.configurations["3d_fullres"]!;
  const { batchSize } = configuration;
  const changed = new Plans({
    ...trainer.plans,
    datasetJson: { ...datasetJson, numTraining: 9 },
    plansData: {
      ...plansData,
      configurations: {
        ...plansData.configurations,
        "3d_fullres": { ...configuration, batchSize: batchSize + 1 },
      },
    },
  });
  const { notices } = await start(tinyTrainer({ ...short, fold: 0 }, changed), { resume: true });
  assert.deepEqual(notices, [
    "Changed since checkpoint_latest.pth was written: nnUNetPlans.json: " +
    `configurations.3d_fullres.batch_size ${batchSize} → ${batchSize + 1}; ` +
    "dataset.json: numTraining 5 → 9; epochs 2 → 1; validationIterations 2 → 1",
  ]);
});

Deno.test("Trainer.fit() and validate() exclude other runs of the same fold", async () => {
  const trainer = tinyTrainer(short);
  for await (const _ of trainer.fit({ validation: false })) {
    for (
      const run of [
        () => fit(tinyTrainer(short, trainer.plans)),
        () => fit(trainer, { resume: true }),
      ]
    ) {
      await assert.rejects(run(), (error: Error) => {
        assert.equal(error.name, "LockedError");
        assert.match(error.message, /^Cannot train .*fold_0: this process has been working on it/);
        return true;
      });
    }
    await fit(tinyTrainer({ ...short, fold: 1 }, trainer.plans));
  }
  await trainer.validate();
  assert.deepEqual(namesIn(trainer.modelFolder).filter((name) => name.endsWith("lock")), []);
});

Deno.test("Trainer.fit() says that other folds were trained with other plans", async () => {
  const first = tinyTrainer({ ...short, fold: 1 });
  await fit(first);
  const again = await start(tinyTrainer({ ...short, fold: 0 }, first.plans), {});
  assert.deepEqual(again.notices, []);
  const { plansData } = first.plans;
  const configuration = plansData.configurations["3d_fullres"]!;
  const plans = new Plans({
    ...first.plans,
    plansData: {
      ...plansData,
      configurations: { "3d_fullres": { ...configuration, batchSize: 3 } },
    },
  });
  const { notices } = await start(tinyTrainer({ ...short, fold: 2 }, plans), {});
  assert.deepEqual(notices, [
    `The plans of ${first.modelFolder} have changed since the training of fold_0, fold_1, which will ` +
    "predict with the new ones (nnUNetPlans.json: configurations.3d_fullres.batch_size 2 → 3); train " +
    "it again",
  ]);
});
