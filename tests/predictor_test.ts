import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { basename, dirname, join } from "@std/path";
import { FailedCasesError } from "../lib/dataset/failed_cases_error.ts";
import type { Image } from "../lib/image/image.ts";
import { readSegmentation } from "../lib/image/image_files.ts";
import { OtherPredictionError } from "../lib/inference/other_prediction_error.ts";
import { UntrainedFoldsError } from "../lib/model/untrained_folds_error.ts";
import { LockedError } from "../lib/platform/file_lock.ts";
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

Deno.test("Predictor.predict() rejects with what onProgress throws, and works afterwards", async () => {
  using predictor = await open();
  const mine = new Error("Mine");
  let calls = 0;
  const throwing = {
    onProgress: () => {
      calls++;
      throw mine;
    },
  };
  await assert.rejects(predictor.predict(image, throwing), mine);
  assert.equal(calls, 1); // The network stops, and nothing else is reported.
  const expected = await predictor.predict(image);
  await withoutSharedMemory(async () => {
    using other = await open();
    await assert.rejects(other.predict(image, throwing), mine);
    assert.deepEqual(await other.predict(image), expected);
  });
});

Deno.test("Predictor.predictFolder() rejects with what a callback throws, and frees the folder", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ mirroring: false });
    const mine = new Error("Mine");
    const boom = () => {
      throw mine;
    };
    const output = join(folder, "labels");
    for (const name of ["onStart", "onProgress", "onCase"]) {
      await assert.rejects(predictor.predictFolder({ input, output, [name]: boom }), mine, name);
    }
    await Deno.writeTextFile(join(input, "c.txt"), "");
    await assert.rejects(predictor.predictFolder({ input, output, onIgnored: boom }), mine);
    const broken = join(folder, "broken");
    await Deno.mkdir(broken);
    await Deno.writeTextFile(join(broken, "d_0000.nii.gz"), "no image");
    await assert.rejects(
      predictor.predictFolder({ input: broken, output, onFailure: boom }),
      mine,
    );
    assert.equal((await predictor.predictFolder({ input, output })).length, 2);
  }));

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

Deno.test("Predictor.predictFolder() does the other cases if some fail, and names those", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ mirroring: false });
    const output = join(folder, "labels");
    await Deno.copyFile(join(input, "b_0000.nii.gz"), join(input, "d_0000.nii.gz"));
    await Deno.writeTextFile(join(input, "b_0000.nii.gz"), "no image");
    await Deno.writeTextFile(join(input, "c_0001.nii.gz"), "the second channel alone");
    await predictor.predictFolder({ input: await scansIn(folder, "a"), output });
    const stale = join(output, "b.nii.gz");
    await Deno.copyFile(join(output, "a.nii.gz"), stale);
    const reported: string[] = [];
    const error = await predictor.predictFolder({
      input,
      output,
      onFailure: ({ caseName }) => reported.push(caseName),
    }).then(() => undefined, (error) => error);
    assert.ok(error instanceof FailedCasesError);
    assert.deepEqual(error.failures.map(({ caseName }) => caseName), ["b", "c"]);
    assert.deepEqual([error.finished, error.remaining], [["a", "d"], []]);
    assert.deepEqual(reported.sort(), ["b", "c"]);
    const [b, c] = error.failures;
    assert.match(b.message, /^Cannot predict case "b" of .*scans: Cannot read .*b_0000\.nii\.gz/);
    assert.equal(b.note, `${stale} is from an earlier prediction`);
    assert.equal(c.cause.message, "found c_0001.nii.gz, but no c_0000.nii.gz");
    assert.match(
      error.message,
      /^Cannot predict 2 of 4 cases; the other 2 cases are done:\n {2}b: /,
    );
    assert.deepEqual(namesIn(output), ["a.nii.gz", "b.nii.gz", "d.nii.gz", ...record]);
  }));

Deno.test("Predictor.predictFolder() ends after a write that fails, since others would as well", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ mirroring: false });
    const output = join(folder, "labels");
    await Deno.mkdir(join(output, "a.nii.gz"), { recursive: true }); // Nothing can replace it.
    for (const name of ["c", "d"]) {
      await Deno.copyFile(join(input, "b_0000.nii.gz"), join(input, `${name}_0000.nii.gz`));
    }
    const error = await predictor.predictFolder({ input, output }).catch((error) => error);
    assert.ok(error instanceof FailedCasesError, `${error}`);
    assert.deepEqual(error.failures.map(({ caseName }) => caseName), ["a"]);
    assert.match(error.message, /Cannot write .*a\.nii\.gz: .*; \d more were not tried: .*d$/);
  }));

Deno.test("Predictor.predictFolder() takes scans without channel number, and reports what it ignores", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ mirroring: false });
    const output = join(folder, "labels");
    await Deno.copyFile(join(input, "b_0000.nii.gz"), join(input, "c.nii.gz"));
    await Deno.rename(join(input, "b_0000.nii.gz"), join(input, "b_000.nii.gz"));
    await Deno.copyFile(join(input, "c.nii.gz"), join(input, "a.nii.gz")); // Beside a_0000.
    for (const name of ["d_0000.nii", "notes.txt", ".e_0000.nii.gz", "f_0000.NII.GZ"]) {
      await Deno.writeTextFile(join(input, name), "");
    }
    const warnings: string[] = [];
    const ignored: string[] = [];
    const written = await predictor.predictFolder({
      input,
      output,
      onWarning: (message) => warnings.push(message),
      onIgnored: (files) => ignored.push(...files.map(({ path, reason }) => `${path}: ${reason}`)),
    });
    assert.deepEqual(written, ["a", "b_000", "c"].map((name) => join(output, `${name}.nii.gz`)));
    assert.deepEqual(warnings, [
      "b_000.nii.gz, c.nii.gz: no channel number such as _0000, taken as whole scans",
    ]);
    assert.deepEqual(ignored, [
      ".e_0000.nii.gz: hidden",
      "a.nii.gz: the same case as a_0000.nii.gz",
      "d_0000.nii: ends in .nii, expected .nii.gz",
      "f_0000.NII.GZ: ends in .NII.GZ, expected .nii.gz",
      "notes.txt: not an image",
    ]);
  }));

Deno.test("Predictor.predictFolder() and .predictFile() do not replace a scan by its label map", () =>
  withScans(root, async (_folder, input) => {
    using predictor = await open();
    const scan = join(input, "a.nii.gz");
    await Deno.rename(join(input, "a_0000.nii.gz"), scan);
    const message = `Cannot predict ${scan}: its label map would replace it; choose another output`;
    const before = await Deno.readFile(scan);
    await assert.rejects(predictor.predictFolder({ input, output: input }), { message });
    await assert.rejects(predictor.predictFile([scan], scan), { message });
    assert.deepEqual(await Deno.readFile(scan), before);
    assert.deepEqual(namesIn(input), ["a.nii.gz", "b_0000.nii.gz"]);
  }));

Deno.test("Predictor.predictFolder() keeps label maps of different models apart", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ mirroring: false });
    using other = await open({ mirroring: false, checkpoint: "checkpoint_best.pth" });
    const output = join(folder, "labels");
    await predictor.predictFolder({ input: await scansIn(folder, "a"), output });
    const before = await Deno.readFile(join(output, "a.nii.gz"));
    const error = await other.predictFolder({ input, output, overwrite: false })
      .catch((error) => error);
    assert.ok(error instanceof OtherPredictionError, `${error}`);
    assert.deepEqual(error.differences, [
      "checkpoint checkpoint_final.pth, expected checkpoint_best.pth",
    ]);
    assert.deepEqual(namesIn(output), ["a.nii.gz", ...record]);
    assert.deepEqual(await Deno.readFile(join(output, "a.nii.gz")), before);
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    await other.predictFolder({ input: await scansIn(folder, "b"), output, onWarning });
    assert.deepEqual(warnings, [
      `${output} also has 1 label map of other cases, made by another model; they stay`,
    ]);

    // While one model predicts into the folder, another cannot.
    const refusals: unknown[] = [];
    let attempt: Promise<unknown> | undefined;
    await other.predictFolder({
      input,
      output,
      onStart: () =>
        attempt = predictor.predictFolder({ input, output }).catch((error) => refusals.push(error)),
    });
    await attempt;
    assert.ok(refusals[0] instanceof LockedError, `${refusals[0]}`);
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
      message: `Cannot predict ${folder}: found scans: a folder without DICOM slices ` +
        "(a_0000.nii.gz, b_0000.nii.gz: not a DICOM file); taken: not an image; expected scans " +
        "that end in _0000.nii.gz",
    });
    const missing = join(folder, "missing");
    await assert.rejects(predictor.predictFolder({ input: missing, output, onProgress }), {
      message: `Cannot read ${missing}: it does not exist, expected a folder of scans`,
    });
    await assert.rejects(
      predictor.predictFolder({ input, output, previousStageFolder: missing, onProgress }),
      /`previousStageFolder` is for the second stage of a cascade only/,
    );
    assert.deepEqual(namesIn(folder), ["scans/", "taken"]);
  }));

Deno.test("Predictor.open() reports what is missing, and what there is", async () => {
  await assert.rejects(Predictor.open(join(root, "nowhere")), {
    message: `Cannot open model ${join(root, "nowhere")}: it does not exist`,
  });
  const { modelFolder } = trainer;
  await assert.rejects(Predictor.open(modelFolder.replace("3d_fullres", "2d")), {
    message: `Cannot open model ${modelFolder.replace("3d_fullres", "2d")}: it does not exist; ` +
      `${dirname(modelFolder)} has ${basename(modelFolder)}`,
  });
  const folds = await Predictor.open(modelFolder, { folds: [0, 3] }).catch((error) => error);
  assert.ok(folds instanceof UntrainedFoldsError, `${folds}`);
  assert.deepEqual(folds.trained, [0, 1]);
  assert.deepEqual(folds.untrained, [{ fold: 3, checkpoints: [] }]);
  assert.equal(
    folds.message,
    `Cannot open model ${modelFolder}: fold 3 is not trained; predict with the trained ones, ` +
      "`folds: [0, 1]`, or train fold 3 with new Trainer(plans, configuration, { fold: 3 }).fit()",
  );
  const unfinished = join(modelFolder, "fold_2");
  await Deno.mkdir(unfinished);
  const best = "checkpoint_best.pth";
  await Deno.copyFile(join(trainer.folder, best), join(unfinished, best));
  try {
    await assert.rejects(Predictor.open(unfinished), {
      message:
        `Cannot open model ${modelFolder}: fold 2 has ${best}, but no checkpoint_final.pth; ` +
        "predict with the trained ones, `folds: [0, 1]`, or finish fold 2 with new " +
        "Trainer(plans, configuration, { fold: 2 }).fit({ resume: true }), or use what it has, " +
        `\`checkpoint: "${best}"\``,
    });
    using predictor = await Predictor.open(modelFolder); // Takes the finished folds.
    assert.deepEqual(predictor.origin.folds, [0, 1]);
  } finally {
    await Deno.remove(unfinished, { recursive: true });
  }
  await assert.rejects(open({ folds: [1] }), /it is fold 0, but `folds` is \[1\]; open .* instead/);
  await assert.rejects(
    Predictor.open(join(trainer.folder, best), { folds: [0] }),
    /it is a checkpoint, so `folds` has no meaning/,
  );
  for (const folds of [[], [-1], [0, 0], "all", [1.5]]) {
    await assert.rejects(open({ folds }), { name: "OpenModelError" }, JSON.stringify(folds));
  }
  await assert.rejects(open({ stepSize: 2 }), {
    name: "RangeError",
    message: "Cannot predict: step size is 2, expected above 0 and at most 1",
  });
});

Deno.test("Predictor checks the kinds of what it is given", async () => {
  const refused: [object, string][] = [
    [{ stepSize: "0.5" }, 'step size is "0.5", expected above 0 and at most 1'],
    [{ mirroring: "no" }, 'mirroring is "no", expected true or false'],
    [{ gaussian: 0 }, "gaussian is 0, expected true or false"],
    [{ threads: 0 }, "threads is 0, expected an integer of at least 1"],
    [{ threads: "4" }, 'threads is "4", expected an integer of at least 1'],
    [{ memoryLimitBytes: "8 GB" }, 'memoryLimitBytes is "8 GB", expected a number above 0'],
    [{ device: "gpu" }, 'device is "gpu", expected one of auto, cpu, webgpu, cuda'],
    [{ checkpoint: 3 }, "checkpoint is 3, expected a string"],
    [{ thresholds: 0.5 }, "thresholds is 0.5, expected an object with a probability for each name"],
    [{ thresholds: { ball: "0.5" } }, 'thresholds.ball is "0.5", expected a number'],
  ];
  for (const [options, message] of refused) {
    await assert.rejects(open(options), ({ message: found }: Error) => {
      assert.ok(found.startsWith(`Cannot predict: ${message}`), found);
      return true;
    });
  }
  // deno-lint-ignore no-explicit-any -- as JavaScript passes them
  const any = (value: unknown): any => value;
  await assert.rejects(Predictor.open(any(pathToFileURL(trainer.folder))), {
    name: "TypeError",
    message: "Cannot open a model: path is a URL, expected a string; pass its path, as " +
      "`fileURLToPath()` of node:url returns it",
  });
  using predictor = await open();
  const wrong: [Promise<unknown>, RegExp][] = [
    [
      predictor.predict(any([new URL("file:///a")])),
      /: scan\[0\] is a URL, expected a string; pass/,
    ],
    [predictor.predict(any("a.nii.gz")), /: scan is "a.nii.gz", expected a list with one path per/],
    [predictor.predictFile(any("a"), "b.nii.gz"), /: images is "a", expected a list with one path/],
    [predictor.predictFile(["a"], any(undefined)), /: output is missing, expected a string/],
    [predictor.predictFolder(any({ input: "a" })), /: output is missing, expected a string/],
    [
      predictor.predictFolder(any({ input: "a", output: "b", overwrite: "no" })),
      /: overwrite is "no", expected true or false/,
    ],
    [predictor.predictProbabilities(image, any(undefined)), /: folder is missing, expected a str/],
  ];
  for (const [run, message] of wrong) {
    await assert.rejects(run, { name: "TypeError", message });
  }
});

Deno.test("Predictor averages the numbered folds by default, and a training on all cases alone", async () => {
  const folder = await Deno.makeTempDir({ dir: root });
  cpSync(trainer.modelFolder, folder, { recursive: true });
  cpSync(join(folder, "fold_0"), join(folder, "fold_all"), { recursive: true });
  const foldsOf = async (options = {}) => {
    using predictor = await Predictor.open(folder, options);
    return predictor.origin.folds;
  };
  assert.deepEqual(await foldsOf(), [0, 1]);
  assert.deepEqual(await foldsOf({ folds: ["all"] }), ["all"]);
  for (const fold of [0, 1]) {
    await Deno.remove(join(folder, `fold_${fold}`), { recursive: true });
  }
  assert.deepEqual(await foldsOf(), ["all"]);
});

Deno.test("Predictor rejects a scan that does not fit in memory, with the required size", () =>
  withScans(root, async (folder, input) => {
    using predictor = await open({ memoryLimitBytes: 1e6 });
    const onProgress = () => assert.fail("Predicted");
    const message =
      /^MemoryError: Cannot predict ".*": a scan of 12 × 16 × 16 voxels needs about .* MB of memory/;
    await assert.rejects(predictor.predict(image, { onProgress }), message);
    const output = join(folder, "labels");
    await assert.rejects(predictor.predictFolder({ input, output, onProgress }), (error) => {
      assert.ok(error instanceof FailedCasesError);
      for (const { cause } of error.failures) assert.match(`${cause}`, message);
      return error.failures.length === 2;
    });
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

/** A folder with one of the tiny scans. */
async function scansIn(folder: string, name: string): Promise<string> {
  const scans = await Deno.makeTempDir({ dir: folder });
  await Deno.copyFile(join(folder, "scans", "a_0000.nii.gz"), join(scans, `${name}_0000.nii.gz`));
  return scans;
}
