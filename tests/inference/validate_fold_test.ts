import assert from "node:assert/strict";
import { join } from "@std/path";
import { readSummary } from "../../lib/files/summary_file.ts";
import { modelFacts } from "../../lib/model/model_facts.ts";
import { inferenceModel } from "../../lib/model/inference_graph.ts";
import { validateFold } from "../../lib/inference/validate_fold.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { readNpz } from "../interop/read_npz.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { listLabelMaps, openLabelMap } from "../../lib/preprocessing/label_map_storage.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { makeTinyPlans } from "../tiny_scans.ts";

const { plans, dataset, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const configuration = plans.configuration("3d_fullres");
const casesFolder = join(plans.folder, configuration.dataIdentifier);

/** Returns a network with random weights. */
function modelFor(channels: number) {
  const network = networkOf(configuration.architecture, { heads: 3, deepSupervision: false });
  const shape = [1, channels, ...configuration.patchSize];
  const parameters = parametersOf(network, shape);
  const weights = initialWeights(parameters, createGenerator(1));
  return inferenceModel(network, shape, parametersByName(parameters, weights));
}

const sources = {
  plansData: plans.plansData,
  configuration,
  datasetJson: plans.datasetJson,
  mirrorAxes: [2],
};
const common = {
  facts: modelFacts(sources),
  casesFolder,
  cases: ["c1", "c3"],
  groundTruth: join(dataset.folder, "labelsTr"),
  threads: 1,
};

Deno.test("validateFold() writes label maps, scores, probabilities and the next stage's input", async () => {
  const folder = join(root, "fold_0");
  const next = join(root, "next");
  const partial = join(root, "partial");
  const progress: number[] = [];
  const summary = await validateFold({
    ...common,
    model: modelFor(1),
    folder,
    saveProbabilities: true,
    nextStages: [
      { casesFolder, cases: ["c1", "c3"], folder: next },
      { casesFolder, cases: ["c3"], folder: partial },
    ],
    onProgress: ({ share }) => progress.push(share),
  });
  const output = join(folder, "validation");
  assert.deepEqual(namesIn(output), [
    "c1.nii.gz",
    "c1.npz",
    "c1.pkl",
    "c3.nii.gz",
    "c3.npz",
    "c3.pkl",
    "summary.json",
  ]);
  assert.deepEqual(await readSummary(join(output, "summary.json")), summary);
  assert.equal(summary.cases.length, 2);
  assert.equal(progress.at(-1), 1);

  const { geometry, data } = await readSegmentation(join(output, "c1.nii.gz"));
  assert.deepEqual(geometry.shape, (await readSegmentation(dataset.cases[1].label)).geometry.shape);
  const probabilities = await readNpz(join(output, "c1.npz"), "probabilities");
  assert.deepEqual(probabilities.shape, [3, ...geometry.shape]);
  const likeliest = data.map((_, voxel) => {
    const each = [0, 1, 2].map((head) => probabilities.data[head * data.length + voxel]);
    assert.ok(Math.abs(each[0] + each[1] + each[2] - 1) < 1e-6);
    return each.indexOf(Math.max(...each));
  });
  assert.deepEqual(data, likeliest);
  // Here the next stage's grid is that of the scan.
  assert.deepEqual(Array.from((await openLabelMap(next, "c1")).read().data), Array.from(data));
  assert.deepEqual(await listLabelMaps(partial), ["c3"]);

  // As a cascade's second stage, with the label maps of the first.
  const second = await validateFold({
    ...common,
    facts: modelFacts({
      ...sources,
      configuration: { ...configuration, previousStage: "3d_lowres" },
    }),
    model: modelFor(3),
    folder: join(root, "second"),
    previousStageFolder: next,
  });
  assert.equal(second.cases.length, 2);
});

Deno.test("validateFold() names a missing case and stops when aborted", async () => {
  const options = { ...common, folder: join(root, "fold_1") };
  await assert.rejects(
    validateFold({ ...options, model: modelFor(1), cases: ["c9"] }),
    /^FailedCasesError: Cannot predict case "c9": Cannot read preprocessed case "c9"/,
  );
  const controller = new AbortController();
  const reason = new Error("Enough");
  await assert.rejects(
    validateFold({
      ...options,
      model: modelFor(1),
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    }),
    reason,
  );
  await assert.rejects(Deno.stat(join(root, "fold_1", "validation", "summary.json")));
});
