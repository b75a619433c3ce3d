import assert from "node:assert/strict";
import { join } from "@std/path";
import { Ensembler } from "../lib/ensembler.ts";
import { ensembleFolders } from "../lib/ensembling/ensemble_folders.ts";
import { readImage, readSegmentation, writeSegmentation } from "../lib/image/image_files.ts";
import { applySteps } from "../lib/postprocessing/steps.ts";
import { Predictor } from "../lib/predictor.ts";
import { Trainer } from "../lib/trainer.ts";
import { namesIn } from "./dataset/sample_folders.ts";
import { makeTinyPlans } from "./tiny_scans.ts";

const { plans, dataset, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const scans = join(dataset.folder, "imagesTr");

/** Creates a model with one fold, validated with probabilities on all scans. */
async function train(name: string, seed: number): Promise<string> {
  const trainer = new Trainer(plans, "3d_fullres", {
    trainer: name,
    seed,
    epochs: 1,
    iterations: 10,
    validationIterations: 1,
    threads: 1,
  });
  await Array.fromAsync(trainer.fit());
  using predictor = await Predictor.open(trainer.folder, { threads: 1 });
  const output = join(trainer.folder, "validation");
  await predictor.predictFolder({ input: scans, output, saveProbabilities: true });
  return trainer.modelFolder;
}

const models = [await train("nnUNetTrainer", 1), await train("nnUNetTrainerNoMirroring", 2)];
const fit = (options = {}) =>
  Ensembler.fit(models, { folds: [0], workers: 1, predictor: { threads: 1 }, ...options });

/** Empties the single models' predictions, so that their ensemble is chosen. */
async function spoilSingles(run: () => Promise<void>) {
  const paths = models.flatMap((model) =>
    [0, 1, 2, 3, 4].map((seed) => join(model, "fold_0", "validation", `c${seed}.nii.gz`))
  );
  const kept = await Promise.all(paths.map((path) => readSegmentation(path)));
  try {
    for (const [index, { geometry, data }] of kept.entries()) {
      await writeSegmentation(paths[index], { geometry, data: new Uint8Array(data.length) });
    }
    await run();
  } finally {
    for (const [index, segmentation] of kept.entries()) {
      await writeSegmentation(paths[index], segmentation);
    }
  }
}

Deno.test("Ensembler merges and postprocesses its members' predictions", async () => {
  await spoilSingles(async () => {
    const progress: number[] = [];
    using ensembler = await fit();
    assert.deepEqual(ensembler.candidates.map(({ models }) => models.length), [1, 1, 2]);
    assert.deepEqual(ensembler.best.models, models);
    assert.deepEqual(ensembler.postprocessing, ensembler.found.postprocessing.steps);

    const output = join(root, "out");
    const written = await ensembler.predictFolder({
      input: scans,
      output,
      onProgress: (share) => progress.push(share),
    });
    assert.deepEqual(namesIn(output), [0, 1, 2, 3, 4].map((seed) => `c${seed}.nii.gz`));
    assert.equal(written[4], join(output, "c4.nii.gz"));
    assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
    assert.equal(progress.at(-1), 1);

    const byHand = join(root, "by_hand");
    await ensembleFolders({
      members: models.map((model) => join(model, "fold_0", "validation")),
      output: byHand,
      datasetFile: join(models[0], "dataset.json"),
      workers: 1,
    });
    const path = join(byHand, "c1.nii.gz");
    const expected = applySteps(await readSegmentation(path), ensembler.postprocessing);
    assert.deepEqual((await readSegmentation(written[1])).data, expected.data);
    const image = await readImage([join(scans, "c1_0000.nii.gz")]);
    const alone = await ensembler.predict(image);
    assert.deepEqual(alone.data, expected.data);
    assert.deepEqual(alone.geometry, image.geometry);
  });
});

Deno.test("Ensembler applies thresholds to its members' merged probabilities", async () => {
  await spoilSingles(async () => {
    const scan = [join(scans, "c1_0000.nii.gz")];
    const predict = async (thresholds?: Readonly<Record<string, number>>) => {
      using ensembler = await fit({ predictor: { threads: 1, thresholds } });
      assert.equal(ensembler.best.models.length, 2);
      const steps = ensembler.postprocessing;
      return { data: (await ensembler.predict(scan)).data, steps };
    };
    const usual = await predict();
    const { data, steps } = await predict({ ball: 0.01 });
    assert.notDeepEqual(data, usual.data);
    const byHand = join(root, "by_hand_thresholds");
    await ensembleFolders({
      members: models.map((model) => join(model, "fold_0", "validation")),
      output: byHand,
      datasetFile: join(models[0], "dataset.json"),
      thresholds: { ball: 0.01 },
      workers: 1,
    });
    assert.deepEqual(
      data,
      applySteps(await readSegmentation(join(byHand, "c1.nii.gz")), steps).data,
    );
  });
});

Deno.test("Ensembler.predict() rejects with what onProgress throws", async () => {
  using ensembler = await fit({ maxModels: 1 });
  const mine = new Error("Mine");
  const onProgress = () => {
    throw mine;
  };
  const scan = [join(scans, "c2_0000.nii.gz")];
  await assert.rejects(ensembler.predict(scan, { onProgress }), mine);
  const output = join(root, "stopped_by_callback");
  await assert.rejects(ensembler.predictFolder({ input: scans, output, onProgress }), mine);
});

Deno.test("Ensembler of one model postprocesses its predictions", async () => {
  using ensembler = await fit({ maxModels: 1 });
  assert.equal(ensembler.candidates.length, 2);
  const scan = [join(scans, "c2_0000.nii.gz")];
  using predictor = await Predictor.open(ensembler.best.models[0], { threads: 1, folds: [0] });
  const expected = applySteps(await predictor.predict(scan), ensembler.postprocessing);
  assert.deepEqual((await ensembler.predict(scan)).data, expected.data);
  const output = join(root, "single");
  await ensembler.predictFolder({ input: scans, output });
  assert.deepEqual((await readSegmentation(join(output, "c2.nii.gz"))).data, expected.data);
});

Deno.test("Ensembler.fit() says which folders and options it expects", async () => {
  // deno-lint-ignore no-explicit-any -- as JavaScript passes them
  const any = (value: unknown): any => value;
  const example = "such as `trainer.modelFolder`";
  const refused: [Promise<unknown>, string, string][] = [
    [
      Ensembler.fit(any(models[0])),
      "TypeError",
      `models is "${models[0]}", expected a list of models' folders, as [trainer.modelFolder]`,
    ],
    [
      Ensembler.fit([any(new Trainer(plans, "3d_fullres"))]),
      "TypeError",
      `models[0] is a Trainer, expected the path of a model's folder, ${example}`,
    ],
    [
      Ensembler.fit([models[0], join(models[1], "fold_0")]),
      "RangeError",
      `models[1] is ${join(models[1], "fold_0")}, a fold's folder, expected a folder named ` +
      `TRAINER__PLANS__CONFIGURATION, ${example}`,
    ],
    [
      fit({ folds: 0 }),
      "TypeError",
      "folds is 0, expected a list of folds' numbers, as [0, 1, 2]",
    ],
    [
      fit({ voting: "sofd" }),
      "RangeError",
      'voting is "sofd", expected one of soft, hard, max; did you mean "soft"?',
    ],
  ];
  for (const [run, name, message] of refused) {
    await assert.rejects(run, { name, message: `Cannot choose a configuration: ${message}` });
  }
  await assert.rejects(fit({ predictor: { mirroring: "no" } }), {
    name: "TypeError",
    message: 'Cannot predict: mirroring is "no", expected true or false',
  });
  await assert.rejects(fit({ folds: [1] }), /fold 1 was not validated, expected fold 1 to be/);
});

Deno.test("Ensembler reports missing input and leaves no files when stopped", async () => {
  await assert.rejects(Ensembler.fit([]), /found no trained model, expected at least one/);
  await assert.rejects(
    fit({ folds: [0, 1] }),
    /fold 1 was not validated, expected folds 0, 1 to be/,
  );
  const signal = AbortSignal.abort();
  await assert.rejects(fit({ signal }), { name: "AbortError" });
  using ensembler = await fit({ maxModels: 1 });
  const output = join(root, "stopped");
  await assert.rejects(ensembler.predictFolder({ input: scans, output, signal }), {
    name: "AbortError",
  });
  await assert.rejects(Deno.stat(output), Deno.errors.NotFound);
});
