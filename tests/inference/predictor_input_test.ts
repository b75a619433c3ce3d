/** Tests invalid scans, invalid models, and cascades. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { zipSync } from "fflate";
import { missingAxisSpacing } from "../../lib/image/geometry.ts";
import type { Image } from "../../lib/image/image.ts";
import { readSegmentation, writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import type { PlansData } from "../../lib/files/plans.ts";
import { FailedCasesError } from "../../lib/dataset/failed_cases_error.ts";
import { PreviousStageError } from "../../lib/inference/previous_stage_error.ts";
import { Predictor } from "../../lib/predictor.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { plainGeometry } from "../image/sample_images.ts";
import { makeTinyPlans, tinyScan, withScans } from "../tiny_scans.ts";
import { writeUntrainedFold, writeUntrainedModel } from "../untrained_model.ts";

const { plans, root } = await makeTinyPlans({ cases: 2 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const { image } = tinyScan(3);
const options = { threads: 1, mirroring: false };
const model = await writeUntrainedModel(root, {
  plansData: plans.plansData,
  datasetJson: plans.datasetJson,
  configuration: "3d_fullres",
});

Deno.test("Predictor rejects scans without geometry, and pictures for 3D models", async () => {
  using predictor = await Predictor.open(model, options);
  const onProgress = () => assert.fail("Predicted");
  const refused = (scan: unknown, message: string) =>
    assert.rejects(predictor.predict(scan as Image, { onProgress }), { message });
  await refused(
    { channels: 1, data: image.data },
    'Cannot predict "scan": the image\'s geometry lacks shape, spacing, affine, expected shape and ' +
      "spacing, (z, y, x), and an affine, as imageFrom() makes them",
  );
  await refused(
    { ...image, geometry: { ...image.geometry, spacing: [0, 1, 1] } },
    'Cannot predict "scan": the image\'s spacing is 0 × 1 × 1 mm, expected three positive numbers, ' +
      "(z, y, x)",
  );
  await refused(
    { ...image, data: [...image.data] },
    'Cannot predict "scan": the image\'s data is a plain array, expected a Float32Array',
  );
  const path = join(await Deno.makeTempDir({ dir: root }), "picture.png");
  await writeSegmentation(path, {
    geometry: { ...plainGeometry([1, 16, 16]), spacing: [missingAxisSpacing([1, 1]), 1, 1] },
    data: new Uint8Array(16 * 16),
  });
  await assert.rejects(predictor.predict([path], { onProgress }), {
    name: "TypeError",
    message: 'Cannot predict "scan": it is a picture of 16 × 16 pixels without a depth, expected ' +
      "a volume",
  });
});

Deno.test("Predictor.predictFolder() fails cases with other channels beforehand, and does the others", () =>
  withScans(root, async (folder, input) => {
    using predictor = await Predictor.open(model, options);
    await writeImage(join(input, "b_0001.nii.gz"), image);
    const output = join(folder, "labels");
    const failed: string[] = [];
    const error = await predictor.predictFolder({
      input,
      output,
      onFailure: ({ caseName }) => failed.push(caseName),
      onProgress: () => assert.deepEqual(failed, ["b"], "it is known before the others are done"),
    }).catch((error) => error);
    assert.ok(error instanceof FailedCasesError, `${error}`);
    assert.equal(error.failures[0].cause.name, "TypeError");
    assert.equal(
      error.message,
      `Cannot predict case "b" of ${input}: Cannot predict "b": the image has 2 channels, expected ` +
        "1 (MRI); the other case is done",
    );
    assert.ok(namesIn(output).includes("a.nii.gz"));
  }));

Deno.test("Predictor.predictFolder() of two channels says how to rename files without numbers", () =>
  withScans(root, async (folder, input) => {
    const twoChannels = await writeUntrainedModel(folder, {
      plansData: {
        ...plans.plansData,
        configurations: {
          "3d_fullres": {
            ...plans.configuration("3d_fullres"),
            normalizationSchemes: ["ZScoreNormalization", "ZScoreNormalization"],
            useMaskForNorm: [false, false],
          },
        },
      },
      datasetJson: { ...plans.datasetJson, channelNames: ["T1", "T2"] },
      configuration: "3d_fullres",
    });
    using predictor = await Predictor.open(twoChannels, options);
    for (const name of ["a_0000", "b_0000"]) await Deno.remove(join(input, `${name}.nii.gz`));
    await writeImage(join(input, "c.nii.gz"), image);
    const output = join(folder, "labels");
    await assert.rejects(predictor.predictFolder({ input, output }), (error) => {
      assert.match(
        `${error}`,
        /c\.nii\.gz has no channel number; rename the files of its 2 channels to c_0000.nii.gz, c_0001.nii.gz$/,
      );
      return true;
    });
    assert.deepEqual(namesIn(output), []);
  }));

Deno.test("Predictor.open() rejects checkpoints with code, and runs none of it", async () => {
  const folder = await Deno.makeTempDir({ dir: root });
  const path = join(folder, "foreign.pth");
  const touched = join(folder, "touched");
  const pickled = new Uint8Array([
    // Protocol 2, os.system, its argument, the call, the end.
    ...[0x80, 2, ...ascii("cos\nsystem\n(X"), ...littleEndian(`touch ${touched}`)],
    ...[...ascii(`touch ${touched}`), ...ascii("tR.")],
  ]);
  await Deno.writeFile(path, zipSync({ "archive/data.pkl": [pickled, { level: 0 }] }));
  await assert.rejects(Predictor.open(path), (error: Error) => {
    assert.match(error.message, /foreign\.pth.*os\.system, which is not plain data/);
    return true;
  });
  assert.deepEqual(namesIn(folder), ["foreign.pth"]);
});

Deno.test("Predictor of a cascade predicts the first stage if its labels are not given", () =>
  withScans(root, async (folder, input) => {
    const { first, second } = await writeCascade(folder);
    using predictor = await Predictor.open(second, options);
    using firstStage = await Predictor.open(first, options);
    const output = join(folder, "labels");
    await predictor.predictFolder({ input, output });
    const stage = join(output, "3d_lowres_predictions");
    assert.ok(namesIn(stage).includes("b.nii.gz"));
    const previousStage = await firstStage.predict(image);
    const whole = await predictor.predict(image);
    assert.deepEqual((await readSegmentation(join(stage, "a.nii.gz"))).data, previousStage.data);
    assert.deepEqual((await readSegmentation(join(output, "a.nii.gz"))).data, whole.data);
    assert.deepEqual(await predictor.predict(image, { previousStage }), whole);
    const other = { ...previousStage, data: previousStage.data.map((label) => 2 - label) };
    const { data } = await predictor.predict(image, { previousStage: other });
    assert.notDeepEqual(data, whole.data, "the first stage's labels count");

    await Deno.remove(first, { recursive: true });
    using alone = await Predictor.open(second, options);
    await assert.rejects(
      alone.predict(image),
      /^PreviousStageError: Cannot predict 3d_cascade_fullres without segmentations of 3d_lowres, which/,
    );
    assert.deepEqual(await alone.predict(image, { previousStage }), whole);
  }));

Deno.test("Predictor of a cascade predicts the first stage with its own folds, checkpoint and steps", () =>
  withScans(root, async (folder, input) => {
    const { first, second } = await writeCascade(folder);
    for (const [i, model] of [first, second].entries()) {
      for (const fold of [1, 3]) {
        await writeUntrainedFold(model, fold, 10 * i + fold);
      }
    }
    await writeUntrainedFold(first, 4, 14);
    const settings = { threads: 1, mirroring: true, stepSize: 0.25 };
    using predictor = await Predictor.open(second, { ...settings, folds: [1, 3] });
    using firstStage = await Predictor.open(first, { ...settings, folds: [1, 3] });
    using allFolds = await Predictor.open(first, settings);
    const output = join(folder, "labels");
    await predictor.predictFolder({ input, output });
    const stage = join(output, "3d_lowres_predictions", "a.nii.gz");
    const { data } = await firstStage.predict(image);
    assert.deepEqual((await readSegmentation(stage)).data, data);
    assert.notDeepEqual((await allFolds.predict(image)).data, data, "folds make a difference");
    assert.deepEqual(
      (await predictor.predict(image)).data,
      (await readSegmentation(join(output, "a.nii.gz"))).data,
    );

    // The second stage's fold 1 alone has a best checkpoint.
    await writeUntrainedFold(second, 1, 2, "checkpoint_best.pth");
    const best = { threads: 1, folds: [1], checkpoint: "checkpoint_best.pth" };
    using other = await Predictor.open(second, best);
    const error = await other.predict(image).catch((error) => error);
    assert.ok(error instanceof PreviousStageError, `${error}`);
    assert.equal(
      error.problem,
      "Cannot predict 3d_cascade_fullres without segmentations of 3d_lowres, which takes the same " +
        `folds, checkpoint and trainer: ${first} has no checkpoint_best.pth of fold 1, but of no fold`,
    );
    await writeUntrainedFold(first, 1, 11, "checkpoint_best.pth");
    assert.equal((await other.predict(image)).data.length, image.data.length);
  }));

/** Writes fold 0 of both stages of a cascade. @returns Their folders. */
async function writeCascade(folder: string) {
  const fullres = plans.configuration("3d_fullres");
  const cascade: PlansData = {
    ...plans.plansData,
    configurations: {
      "3d_lowres": {
        ...fullres,
        name: "3d_lowres",
        spacing: fullres.spacing.map((extent) => 1.5 * extent),
        nextStages: ["3d_cascade_fullres"],
      },
      "3d_cascade_fullres": {
        ...fullres,
        name: "3d_cascade_fullres",
        previousStage: "3d_lowres",
      },
    },
  };
  const common = { plansData: cascade, datasetJson: plans.datasetJson };
  const write = (configuration: "3d_lowres" | "3d_cascade_fullres") =>
    writeUntrainedModel(folder, { ...common, configuration });
  return { first: await write("3d_lowres"), second: await write("3d_cascade_fullres") };
}

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

/** Encodes the length of a text in four bytes. */
function littleEndian({ length }: string): number[] {
  return [0, 8, 16, 24].map((shift) => (length >> shift) & 255);
}
