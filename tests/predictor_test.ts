import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import { CaseError } from "../lib/dataset/case_error.ts";
import type { Image } from "../lib/image/image.ts";
import { readSegmentation } from "../lib/image/image_files.ts";
import { Predictor } from "../lib/predictor.ts";
import { Trainer } from "../lib/trainer.ts";
import { namesIn } from "./dataset/sample_folders.ts";
import { makeTinyPlans, tinyScan, tinyShape, withScans } from "./tiny_scans.ts";
import { withoutSharedMemory } from "./without_shared_memory.ts";

const { plans, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

// Fold 1 is a copy of fold 0, so that their mean is known.
const trainer = new Trainer(plans, "3d_fullres", {
  epochs: 1,
  iterations: 8,
  validationIterations: 1,
  threads: 1,
});
await Array.fromAsync(trainer.fit());
cpSync(trainer.folder, join(trainer.modelFolder, "fold_1"), { recursive: true });

const { image } = tinyScan(3);
const open = (options = {}) => Predictor.open(trainer.folder, { threads: 1, ...options });

/** Files in an output folder besides label maps. */
const record = ["dataset.json", "plans.json", "predict_from_raw_data_args.json"];

Deno.test("Predictor.predict() labels a scan on its own grid, repeatedly", async () => {
  using predictor = await open();
  const progress: number[][] = [];
  const first = await predictor.predict(image, {
    onProgress: ({ tiles, totalTiles, cases }) => progress.push([tiles, totalTiles, cases]),
  });
  assert.deepEqual(first.geometry, image.geometry);
  assert.equal(first.data.length, image.data.length);
  // One tile, in eight mirrorings.
  assert.deepEqual(progress, [
    ...Array.from({ length: 8 }, (_, i) => [i + 1, 8, 0]),
    [8, 8, 1],
  ]);
  assert.equal(image.data.length, first.data.length, "the caller keeps the scan");
  assert.deepEqual(await predictor.predict(image), first);
  predictor.close();
  assert.deepEqual(await predictor.predict(image), first);
});

Deno.test("Predictor averages folds and applies its options", async () => {
  using one = await open();
  // All folds of the model: the same network twice.
  using both = await Predictor.open(trainer.modelFolder, { threads: 1 });
  using chosen = await Predictor.open(trainer.modelFolder, { threads: 1, folds: [1] });
  using plain = await open({ mirroring: false, stepSize: 1, checkpoint: "checkpoint_best.pth" });
  const passes = async (predictor: Predictor) => {
    let total = 0;
    const labels = await predictor.predict(image, {
      onProgress: ({ totalTiles }) => total = totalTiles,
    });
    return { total, labels };
  };
  const { labels } = await passes(one);
  assert.deepEqual(await passes(both), { total: 16, labels });
  assert.deepEqual(await passes(chosen), { total: 8, labels });
  assert.equal((await passes(plain)).total, 1);
});

Deno.test("Predictor.predict() rejects scans with other channels or NaN", async () => {
  using predictor = await open();
  const double: Image = {
    ...image,
    channels: 2,
    data: new Float32Array([...image.data, ...image.data]),
  };
  await assert.rejects(predictor.predict(double), {
    name: "TypeError",
    message: 'Cannot predict "scan": the image has 2 channels, expected 1 (MRI)',
  });
  const broken = { ...image, data: image.data.with(5, NaN) };
  await assert.rejects(predictor.predict(broken), {
    name: "RangeError",
    message: "Cannot use image: 1 of its 3072 values are NaN or infinite, expected finite numbers",
  });
  assert.equal((await predictor.predict(image)).data.length, image.data.length);
});

Deno.test("Predictor.predict() stops when aborted, and works afterwards", async () => {
  using predictor = await open();
  const controller = new AbortController();
  const reason = new Error("Enough");
  const run = predictor.predict(image, {
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await assert.rejects(run, reason);
  await assert.rejects(predictor.predict(image, { signal: controller.signal }), reason);
  // Abort while the workers start.
  const early = new AbortController();
  using other = await open();
  const starting = other.predict(image, { signal: early.signal });
  early.abort(reason);
  await assert.rejects(starting, reason);
  assert.deepEqual(await other.predict(image), await predictor.predict(image));
});

Deno.test("Predictor.predict() can be used again after an abort without shared memory", async () => {
  using shared = await open();
  const expected = await shared.predict(image);
  await withoutSharedMemory(async () => {
    using predictor = await open();
    const controller = new AbortController();
    const reason = new Error("Enough");
    const passes: number[] = [];
    const run = predictor.predict(image, {
      signal: controller.signal,
      onProgress: ({ tiles }) => {
        passes.push(tiles);
        controller.abort(reason);
      },
    });
    await assert.rejects(run, reason);
    assert.deepEqual(passes, [1]); // Its workers have ended.
    assert.deepEqual(await predictor.predict(image), expected);
  });
});

Deno.test("Predictor.predictFolder() writes one label map per case", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ mirroring: false });
    const output = join(folder, "made", "labels");
    const progress: number[][] = [];
    const written = await predictor.predictFolder({
      input,
      output,
      onProgress: ({ cases, totalCases, share }) => progress.push([cases, totalCases, share]),
    });
    assert.deepEqual(written, ["a", "b"].map((name) => join(output, `${name}.nii.gz`)));
    assert.deepEqual(namesIn(output), ["a.nii.gz", "b.nii.gz", ...record]);
    assert.deepEqual(progress.at(-1), [2, 2, 1]);
    assert.equal(progress.length, 4);
    const { data } = await predictor.predict(image);
    assert.deepEqual((await readSegmentation(written[0])).data, data);
    assert.deepEqual((await readSegmentation(written[0])).geometry.shape, tinyShape);
  }));

Deno.test("Predictor.predictFolder() names the case that fails and keeps earlier ones", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ mirroring: false });
    const output = join(folder, "labels");
    await Deno.writeTextFile(join(input, "b_0000.nii.gz"), "no image");
    await assert.rejects(
      predictor.predictFolder({ input, output }),
      (error: CaseError) => {
        assert.ok(error instanceof CaseError);
        assert.match(error.message, /^Cannot predict case "b" of .*scans: Cannot read .*b_0000/);
        assert.equal(error.caseName, "b");
        assert.match(error.cause.message, /^Cannot read .*b_0000\.nii\.gz/);
        return true;
      },
    );
    assert.deepEqual(namesIn(output), ["a.nii.gz", ...record]);
  }));

Deno.test("Predictor.predictFolder() checks input and output folders before it predicts", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open();
    const onProgress = () => assert.fail("Predicted");
    const taken = join(folder, "taken");
    await Deno.writeTextFile(taken, "");
    await assert.rejects(predictor.predictFolder({ input, output: taken, onProgress }), {
      message: `Cannot make folder ${taken}: found a file, expected a folder or a new path`,
    });
    const output = join(folder, "labels");
    await assert.rejects(predictor.predictFolder({ input: folder, output, onProgress }), {
      message: `Cannot predict ${folder}: found no files that end in _0000.nii.gz`,
    });
    assert.deepEqual(namesIn(folder), ["scans/", "taken"]);
  }));

Deno.test("Predictor.open() reports what is missing", async () => {
  await assert.rejects(Predictor.open(join(root, "nowhere")), {
    message: `Cannot open model ${join(root, "nowhere")}: ` +
      "found no fold with checkpoint_final.pth, expected a trained one",
  });
  await assert.rejects(
    Predictor.open(trainer.modelFolder, { folds: [3] }),
    /Cannot read .*fold_3.*checkpoint_final\.pth/,
  );
  await assert.rejects(open({ stepSize: 2 }), {
    name: "RangeError",
    message: "Cannot predict: step size is 2, expected above 0 and at most 1",
  });
});

Deno.test("Predictor rejects a scan that does not fit in memory, with the required size", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ memoryLimitBytes: 1e6 });
    const onProgress = () => assert.fail("Predicted");
    const message =
      /^MemoryError: Cannot predict ".*": a scan of 12 × 16 × 16 voxels needs about .* MB of memory/;
    await assert.rejects(predictor.predict(image, { onProgress }), message);
    const output = join(folder, "labels");
    await assert.rejects(predictor.predictFolder({ input, output, onProgress }), message);
    assert.deepEqual(namesIn(output), []);
  }));

Deno.test("Predictor.predictFolder() predicts a part, continues with the rest, writes probabilities", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ mirroring: false });
    const output = join(folder, "labels");
    const common = { input, output, saveProbabilities: true };
    await predictor.predictFolder({ ...common, part: { id: 1, of: 2 } });
    assert.deepEqual(namesIn(output), ["b.nii.gz", "b.npz", "b.pkl", ...record]);
    let total = 0;
    await predictor.predictFolder({
      ...common,
      overwrite: false,
      onProgress: ({ totalCases }) => total = totalCases,
    });
    assert.equal(total, 1, "b exists already");
    assert.equal(namesIn(output).length, 6 + record.length);
    await assert.rejects(
      predictor.predictFolder({ ...common, part: { id: 2, of: 2 } }),
      /expected a part from 0 to 1/,
    );
  }));
