/** Upstream's trainers that change more than options of the step, and checkpoints of others. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { NdArray } from "../../lib/array/nd_array.ts";
import { readCheckpoint, writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { fileNames } from "../../lib/files/paths.ts";
import { writeImage } from "../../lib/image/image_files.ts";
import { OpenModelError } from "../../lib/model/open_model_error.ts";
import { Predictor } from "../../lib/predictor.ts";
import type { Trainer } from "../../lib/trainer.ts";
import { exists } from "../../lib/platform/files.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyScan } from "../tiny_scans.ts";
import { final, fit, short, tinyTrainer } from "./tiny_trainer.ts";

Deno.test("nnUNetTrainerBN trains, validates and predicts with running statistics", async () => {
  const trainer = tinyTrainer({ trainer: "nnUNetTrainerBN" });
  await fit(trainer, { validation: {} });
  const { networkWeights, trainerName, optimizer } = await final(trainer);
  assert.equal(trainerName, "nnUNetTrainerBN");
  const norm = "encoder.stages.0.0.convs.0.norm";
  const steps = short.epochs * short.iterations;
  assert.deepEqual(networkWeights.get(`${norm}.num_batches_tracked`), {
    shape: [],
    data: Float32Array.of(steps),
  });
  const variance = networkWeights.get(`${norm}.running_var`)!.data as Float32Array;
  // What is left of the initial 1 after so many batches is 0.9 to their number.
  assert.ok(variance.every((value) => value > 0.9 ** steps - 1e-3 && value !== 1), `${variance}`);
  assert.ok(optimizer && "momentumBuffers" in optimizer);
  assert.ok(!optimizer.momentumBuffers.has(`${norm}.running_mean`));

  // The plans name instance normalisation; the trainer's name tells which network it is.
  assert.equal(trainer.plans.configuration("3d_fullres").architecture.normalization, undefined);
  const { image } = tinyScan(3);
  const predict = async (path: string) => {
    using predictor = await Predictor.open(path, { threads: 1, device: "cpu" });
    return (await predictor.predict(image)).data;
  };
  const expected = await predict(join(trainer.folder, fileNames.onnx));
  assert.deepEqual(await predict(trainer.modelFolder), expected);
});

for (
  const [name, cases] of Object.entries({
    nnUNetTrainerBenchmark_5epochs: "of cases",
    nnUNetTrainerBenchmark_5epochs_noDataLoading: "of random numbers",
  })
) {
  Deno.test(`${name} measures an epoch ${cases} and writes no weights`, async () => {
    const trainer = tinyTrainer({ trainer: name });
    for (let run = 0; run < 2; run++) await fit(trainer, { validation: {} });
    assert.ok(trainer.isBenchmark);
    for (const file of [fileNames.checkpointFinal, fileNames.onnx, fileNames.validation]) {
      assert.equal(await exists(join(trainer.folder, file)), false, file);
    }
    const text = await Deno.readTextFile(join(trainer.folder, "benchmark_result.json"));
    const [[key, record]] = Object.entries<Record<string, unknown>>(JSON.parse(text));
    assert.match(key, /__num_gpus_\d$/);
    assert.ok(Number(record.fastest_epoch) > 0);
    assert.equal(record.hostname, Deno.hostname());
  });
}

Deno.test("trainers that measure take fold 0 only", () => {
  assert.throws(() => tinyTrainer({ trainer: "nnUNetTrainerBenchmark_5epochs", fold: 1 }), {
    name: "RangeError",
    message: /fold is 1, expected 0/,
  });
});

/** Renames the trainer of a fold's checkpoint, and changes its weights. */
async function disguise(
  trainer: Trainer,
  change: (weights: Map<string, NdArray>) => void = () => {},
) {
  const path = join(trainer.folder, fileNames.checkpointFinal);
  const checkpoint = await readCheckpoint(path);
  const networkWeights = new Map(checkpoint.networkWeights);
  change(networkWeights);
  await writeCheckpoint(path, {
    ...checkpoint,
    networkWeights,
    optimizer: null,
    trainerName: "nnUNetTrainer\u202eOfOthers",
  });
}

Deno.test("a checkpoint of an unknown trainer predicts if it fits its plans, which is said", async () => {
  const trainer = tinyTrainer({ epochs: 1 });
  await fit(trainer);
  await disguise(trainer);
  await withTemporaryFolder(async (folder) => {
    const input = join(folder, "in");
    await writeImage(join(input, "one_0000.nii.gz"), tinyScan(3).image);
    using predictor = await Predictor.open(trainer.modelFolder, { threads: 1, device: "cpu" });
    const warnings: string[] = [];
    await predictor.predictFolder({
      input,
      output: join(folder, "out"),
      onWarning: (text) => warnings.push(text),
    });
    assert.deepEqual(warnings, [
      "The model's trainer, nnUNetTrainer\\u202eOfOthers, is none of nnU-Net's. Its weights fit " +
      "the network of its plans, which predicts",
    ]);
  });

  await disguise(trainer, (weights) => weights.delete("encoder.stages.0.0.convs.0.norm.weight"));
  await assert.rejects(Predictor.open(trainer.modelFolder), (error: Error) => {
    assert.ok(error instanceof OpenModelError);
    assert.match(
      error.message,
      /norm.weight is missing, .*; it was trained by nnUNetTrainer\\u202eOfOthers, whose network may/,
    );
    return true;
  });
});
