/** Tests what a prediction of a folder writes beside label maps, and thresholds of labels. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { DatasetJson } from "../../lib/files/dataset.ts";
import { readImage, readSegmentation, writeImage } from "../../lib/image/image_files.ts";
import { NpzFile } from "../../lib/interop/npz.ts";
import { Predictor } from "../../lib/predictor.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { makeTinyPlans, tinyScan } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";

const { plans, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const regions: DatasetJson = {
  ...plans.datasetJson,
  labels: { background: 0, "whole/all": [1, 2], ball: 2 },
  regionsClassOrder: [1, 2],
};

/** The model's folder, for labels or for regions. */
function modelOf(datasetJson: DatasetJson, name: string): Promise<string> {
  return writeUntrainedModel(join(root, name), {
    plansData: plans.plansData,
    datasetJson,
    configuration: "3d_fullres",
  });
}

const labelModel = await modelOf(plans.datasetJson, "labels");
const regionModel = await modelOf(regions, "regions");
const fast = { threads: 1, mirroring: false, folds: [0] };

/** Runs a test with a folder with the scan `c0_0000.nii.gz`, and an output folder. */
function withScan(run: (input: string, output: string) => Promise<void>): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    await writeImage(join(folder, "scans", "c0_0000.nii.gz"), tinyScan(3).image);
    await run(join(folder, "scans"), join(folder, "predicted"));
  });
}

/** The probabilities in a case's `.npz`, one array per head. */
async function headsIn(output: string): Promise<Float32Array[]> {
  const archive = await NpzFile.open(join(output, "c0.npz"));
  const array = await archive.array("probabilities");
  const size = array.shape.slice(1).reduce((a, b) => a * b);
  const heads: Float32Array[] = [];
  for (let head = 0; head < array.shape[0]; head++) {
    const values = new Float32Array(size);
    await array.read(values);
    heads.push(values);
  }
  return heads;
}

const everything = { saveProbabilities: true, probabilityMaps: true, filePerLabel: true };

Deno.test("Predictor.predictFolder() writes probabilities and a mask for each label", () =>
  withScan(async (input, output) => {
    using predictor = await Predictor.open(labelModel, fast);
    await predictor.predictFolder({ input, output, ...everything });
    const names = ["background", "shell", "ball"];
    assert.deepEqual(
      namesIn(join(output, "probabilities")),
      names.map((name) => `${name}/`).sort(),
    );
    assert.deepEqual(namesIn(join(output, "labels")), ["ball/", "shell/"]);
    const heads = await headsIn(output);
    const { data, geometry } = await readSegmentation(join(output, "c0.nii.gz"));
    for (const [label, name] of names.entries()) {
      const map = await readImage([join(output, "probabilities", name, "c0.nii.gz")]);
      assert.deepEqual(map.data, heads[label]);
      assert.deepEqual(map.geometry, geometry);
      if (label === 0) continue;
      const mask = await readSegmentation(join(output, "labels", name, "c0.nii.gz"));
      assert.deepEqual([...mask.data], Array.from(data, (found) => found === label ? 1 : 0));
    }
    const largest = data.map((_, i) => {
      const values = heads.map((head) => head[i]);
      return values.indexOf(Math.max(...values));
    });
    assert.deepEqual(data, largest);
  }));

Deno.test("Predictor.predictFolder() writes masks of regions, which may overlap", () =>
  withScan(async (input, output) => {
    using predictor = await Predictor.open(regionModel, fast);
    await predictor.predictFolder({ input, output, filePerLabel: true, probabilityMaps: true });
    // A name with a slash would be a path.
    assert.deepEqual(namesIn(join(output, "labels")), ["ball/", "label_1_2/"]);
    assert.deepEqual(namesIn(join(output, "probabilities")), ["ball/", "label_1_2/"]);
    const { data } = await readSegmentation(join(output, "c0.nii.gz"));
    const whole = await readSegmentation(join(output, "labels", "label_1_2", "c0.nii.gz"));
    assert.deepEqual([...whole.data], Array.from(data, (label) => label > 0 ? 1 : 0));
  }));

Deno.test("a threshold decides where a label is; others keep the most likely one", () =>
  withScan(async (input, output) => {
    {
      using plain = await Predictor.open(labelModel, fast);
      await plain.predictFolder({ input, output, saveProbabilities: true });
    }
    const heads = await headsIn(output);
    const middle = heads[1].toSorted()[heads[1].length >> 1]; // Above it in half of all voxels.
    using predictor = await Predictor.open(labelModel, { ...fast, thresholds: { shell: middle } });
    const { data } = await predictor.predict([join(input, "c0_0000.nii.gz")]);
    let [inside, unclear] = [0, 0];
    for (const [i, label] of data.entries()) {
      if (Math.abs(heads[1][i] - middle) < 1e-6) unclear++;
      else assert.equal(label, heads[1][i] > middle ? 1 : heads[2][i] > heads[0][i] ? 2 : 0);
      if (label === 1) inside++;
    }
    assert.ok(inside > data.length / 4 && inside < data.length * 3 / 4 && unclear < 100);

    await predictor.predictFolder({ input, output });
    const file = join(output, "predict_from_raw_data_args.json");
    assert.deepEqual(JSON.parse(await Deno.readTextFile(file)).nnunet_ts.thresholds, {
      shell: middle,
    });
    using other = await Predictor.open(labelModel, { ...fast, thresholds: { shell: 0.9 } });
    await assert.rejects(
      other.predictFolder({ input, output, overwrite: false }),
      /thresholds \{"shell":0\.\d+\}, expected \{"shell":0\.9\}/,
    );
    using none = await Predictor.open(labelModel, fast);
    await assert.rejects(
      none.predictFolder({ input, output, overwrite: false }),
      /thresholds \{"shell":0\.\d+\}, expected \{\}/,
    );
  }));

Deno.test("a threshold of a region replaces one half", () =>
  withScan(async (input, output) => {
    using sensitive = await Predictor.open(regionModel, {
      ...fast,
      thresholds: { "whole/all": 1e-6, ball: 1 - 1e-6 },
    });
    const [written] = await sensitive.predictFolder({ input, output });
    const { data } = await readSegmentation(written);
    assert.ok(data.every((label) => label === 1));
  }));

Deno.test("Predictor.open() says which thresholds are possible", async () => {
  await assert.rejects(Predictor.open(labelModel, { ...fast, thresholds: { balll: 0.3 } }), {
    name: "RangeError",
    message: 'Cannot predict: there is a threshold for "balll", expected one for background, ' +
      "shell, ball",
  });
  await assert.rejects(Predictor.open(labelModel, { ...fast, thresholds: { ball: 1 } }), {
    name: "RangeError",
    message: 'Cannot predict: the threshold for "ball" is 1, expected a probability between 0 ' +
      "and 1",
  });
});

Deno.test("Predictor.predictFolder() repeats cases whose masks are missing", () =>
  withScan(async (input, output) => {
    using predictor = await Predictor.open(labelModel, fast);
    await predictor.predictFolder({ input, output });
    const kept: number[] = [];
    const again = { input, output, overwrite: false, filePerLabel: true };
    const onStart = (start: { kept: number }) => kept.push(start.kept);
    await predictor.predictFolder({ ...again, onStart });
    await predictor.predictFolder({ ...again, onStart });
    assert.deepEqual(kept, [0, 1]);
  }));
