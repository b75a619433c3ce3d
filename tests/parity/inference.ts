/**
 * `deno task parity:inference`: models that nnunetv2 itself trains for a few steps, and the same
 * scans predicted by both sides. Hippocampus scans are taken from the folder NNUNET_TEST_DATA, if it
 * is set.
 *
 * nnU-Net adds up the logits of tiles in half precision, which turns voxels where two classes are
 * almost equal. It is compared with as it is, and adding up in single precision.
 *
 * `--only NAME` compares one model; `--check` fails where fewer than 99.99 % of the voxels agree in
 * single precision, or logits of a patch are more than 1e-3 apart.
 */

import { basename, join } from "@std/path";
import { parseArgs } from "node:util";
import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { NoPythonError } from "../../lib/cli/python_environment.ts";
import { architectureToJson } from "../../lib/files/architecture_json.ts";
import { formatPlans } from "../../lib/files/plans_json.ts";
import { formatPythonJson } from "../../lib/files/python_json.ts";
import {
  listImages,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../../lib/image/registry.ts";
import { exportedModel } from "../../lib/inference/exported_model.ts";
import { openModel, openTrained } from "../../lib/inference/open_model.ts";
import { inferenceNames } from "../../lib/inference/inference_graph.ts";
import { slidingWindow } from "../../lib/inference/sliding_window.ts";
import type { Architecture, Configuration, PlansData } from "../../lib/planning/plans.ts";
import { PLAIN_UNET, RESIDUAL_ENCODER_UNET } from "../../lib/planning/plans.ts";
import { Predictor } from "../../lib/predictor.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { type HostTensor, Session } from "../../lib/runtime/session.ts";
import { PythonPeer } from "../bench/python_peer.ts";

const SHARE = 0.9999;
const TOLERANCE = 1e-3;
const onnxRequirements = [["onnxruntime==1.23.2", "numpy==2.4.6"]];

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    steps: { type: "string", default: "60" },
    check: { type: "boolean", default: false },
  },
});

/** Scans, their truth and a model to train on them. */
interface Subject {
  readonly name: string;
  readonly plans: PlansData;
  readonly configuration: Configuration["name"];
  readonly dataset: Record<string, unknown>;
  /** A case's files, one a channel. */
  readonly images: readonly (readonly string[])[];
  readonly labels: readonly string[];
  readonly folds?: readonly number[];
  /** Write plans as the first releases of version 2 did. */
  readonly flat?: boolean;
  /** Train and predict the first stage before. */
  readonly previous?: Subject;
}

interface Comparison {
  readonly voxels: number;
  /** Like those of nnU-Net adding up logits in single precision. */
  readonly same: number;
  /** Like those of nnU-Net as it is, adding up in half precision. */
  readonly sameAsHalf: number;
  /** Largest difference, in a patch. */
  readonly logits: number;
}

const root = await Deno.makeTempDir({ prefix: "parity_inference_" });
try {
  const peer = await PythonPeer.start(new URL("./inference.py", import.meta.url));
  const onnx = await PythonPeer.start(new URL("./onnx_model.py", import.meta.url), {
    name: "onnxruntime",
    requirements: onnxRequirements,
  });
  const found: Comparison[] = [];
  let onnxDifference = 0;
  try {
    peer.tell({ folder: root });
    for (const subject of await subjects()) {
      if (options.only !== undefined && options.only !== subject.name) continue;
      const { comparison, model } = await compare(peer, subject);
      found.push(comparison);
      const difference = await compareOnnx(onnx, model);
      onnxDifference = Math.max(onnxDifference, difference);
      const good = isGood(comparison) && difference <= TOLERANCE;
      console.log(
        `${good ? "agree " : "DIFFER"} ${subject.name}: ${share(comparison)} of voxels ` +
          `(${
            share({ ...comparison, same: comparison.sameAsHalf })
          } where nnU-Net adds up in half ` +
          "precision, its default), logits " +
          `within ${comparison.logits.toExponential(1)}, ONNX in Python within ` +
          difference.toExponential(1),
      );
    }
  } finally {
    peer.close();
    onnx.close();
  }
  const worst = found.reduce((a, b) => a.same / a.voxels < b.same / b.voxels ? a : b);
  const logits = Math.max(...found.map((each) => each.logits));
  console.log(
    `parity of inference with nnunetv2: ${
      found.filter(isGood).length
    } of ${found.length} models, ` +
      `voxels at least ${share(worst)} where nnU-Net adds up tiles in single precision, which ` +
      `--check judges (its default is half), logits within ${
        logits.toExponential(1)
      }, exported ONNX ` +
      `within ${onnxDifference.toExponential(1)}`,
  );
  const missed = found.some((each) => !isGood(each)) || onnxDifference > TOLERANCE;
  Deno.exit(options.check && missed ? 1 : 0);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("parity of inference with nnunetv2: nothing to compare with");
  Deno.exit(options.check ? 1 : 0);
} finally {
  await Deno.remove(root, { recursive: true });
}

function isGood({ voxels, same, logits }: Comparison): boolean {
  return same >= SHARE * voxels && logits <= TOLERANCE;
}

function share({ same, voxels }: Pick<Comparison, "same" | "voxels">): string {
  return `${(100 * same / voxels).toFixed(same === voxels ? 0 : 4)} %`;
}

/** Trains a model in Python, predicts on both sides and compares. */
async function compare(
  peer: PythonPeer,
  subject: Subject,
  output = join(root, subject.name.replaceAll(/\W+/g, "_")),
): Promise<{ comparison: Comparison; model: string }> {
  const { plans, configuration: name, dataset, images, labels, previous } = subject;
  const { folds = [0] } = subject;
  const first = previous && join(output, "first");
  if (previous) await compare(peer, previous, first);
  const configuration = plans.configurations[name]!;
  const channels = images[0].length +
    (previous ? Object.keys(dataset.labels as object).length - 1 : 0);
  const patchShape = [1, channels, ...configuration.patchSize];
  const generator = createGenerator(3);
  const patch = Float32Array.from({ length: sizeOf(patchShape) }, () => generator.normal());
  const patchPath = join(root, "patch");
  await Deno.writeFile(patchPath, new Uint8Array(patch.buffer));
  // nnU-Net looks for the first stage's label maps by these.
  const names = images.map(([file]) => basename(file).replace(/(_\d{4})?\.nii\.gz$/, ""));
  const { model } = await peer.ask<{ model: string }>({
    plans: subject.flat ? flatPlans(plans) : JSON.parse(formatPlans(plans)),
    configuration: name,
    dataset,
    images,
    labels,
    names,
    folds,
    steps: Number(options.steps),
    output: join(output, "theirs"),
    previous: first && join(first, "theirs", "single"),
    patch: patchPath,
    patch_shape: patchShape,
  });

  const ours = join(output, "ours");
  await Deno.mkdir(ours, { recursive: true });
  using predictor = await Predictor.open(model);
  let voxels = 0;
  let same = 0;
  let sameAsHalf = 0;
  for (const [i, files] of images.entries()) {
    const file = join(ours, `${names[i]}.nii.gz`);
    await predictor.predictFile(files, file);
    const of = async (folder: string) =>
      (await readSegmentation(
        join(folder, `${names[i]}.nii.gz`),
      )).data;
    const labels = await of(ours);
    const single = await of(join(output, "theirs", "single"));
    const half = await of(join(output, "theirs", "half"));
    voxels += labels.length;
    labels.forEach((label, j) => {
      same += Number(label === single[j]);
      sameAsHalf += Number(label === half[j]);
    });
  }
  const expected = new Float32Array((await Deno.readFile(`${patchPath}.logits`)).buffer);
  const logits = await patchDifference(model, patch, expected);
  return { comparison: { voxels, same, sameAsHalf, logits }, model };
}

/** Largest difference of the logits of a patch, averaged over folds and mirrored views. */
async function patchDifference(
  model: string,
  patch: Float32Array<ArrayBuffer>,
  expected: Float32Array,
): Promise<number> {
  const { models, configuration: { patchSize }, mirrorAxes } = await openModel(model);
  const channels = patch.length / sizeOf(patchSize);
  const heads = expected.length / sizeOf(patchSize);
  const spatial = [...new Array<number>(3 - patchSize.length).fill(1), ...patchSize];
  const mean = new Float32Array(expected.length);
  for (const model of models) {
    const session = await Session.create(model);
    const { data } = await slidingWindow(
      { shape: [channels, ...spatial], data: patch },
      async (tile) => {
        const image: HostTensor = { type: "float32", shape: [1, ...tile.shape], data: tile.data };
        const outputs = await session.run({ [inferenceNames.image]: image });
        return outputs[inferenceNames.logits].data as Float32Array;
      },
      { tileSize: patchSize, heads, mirrorAxes },
    );
    await session.release();
    data.forEach((value, i) => mean[i] += value / models.length);
  }
  return largestDifference(mean, expected);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

/** Largest difference of an exported model's outputs between Python's ONNX Runtime and ours. */
async function compareOnnx(peer: PythonPeer, folder: string): Promise<number> {
  const { checkpoints: [checkpoint], ...model } = await openTrained(folder, { folds: [0] });
  const { patchSize } = model.configuration;
  const path = join(root, "exported.onnx");
  await Deno.writeFile(
    path,
    exportedModel(model, checkpoint.networkWeights, { mirroring: true, probabilities: true }),
  );
  const { models: [plain] } = await openModel(folder, { folds: [0] });
  const { models: [exported], mirrorAxes } = await openModel(path);
  if (mirrorAxes.length > 0) throw new Error("Exported model asks for mirroring, expected none");
  const session = await Session.create(plain);
  const channels = model.dataset.channelNames.length +
    (model.configuration.previousStage ? Object.keys(model.dataset.labels).length - 1 : 0);
  const generator = createGenerator(4);
  const shape = [2, channels, ...patchSize];
  const data = Float32Array.from({ length: sizeOf(shape) }, () => generator.normal());
  await Deno.writeFile(join(root, "batch"), new Uint8Array(data.buffer));
  await peer.ask({ model: path, batch: join(root, "batch"), shape });
  const theirs = new Float32Array((await Deno.readFile(join(root, "batch.logits"))).buffer);
  const probabilities = new Float32Array(
    (await Deno.readFile(join(root, "batch.probabilities"))).buffer,
  );
  if (!probabilities.every((p) => p >= 0 && p <= 1)) return Infinity;
  // Both patches of the batch, one by one and view by view.
  const spatial = [...new Array<number>(3 - patchSize.length).fill(1), ...patchSize];
  const heads = theirs.length / 2 / sizeOf(patchSize);
  let largest = 0;
  for (const item of [0, 1]) {
    const { data: ours } = await slidingWindow(
      {
        shape: [channels, ...spatial],
        data: data.slice(item * data.length / 2, (item + 1) * data.length / 2),
      },
      async (tile) => {
        const image: HostTensor = { type: "float32", shape: [1, ...tile.shape], data: tile.data };
        return (await session.run({ [inferenceNames.image]: image }))[inferenceNames.logits]
          .data as Float32Array;
      },
      { tileSize: patchSize, heads, mirrorAxes: model.mirrorAxes },
    );
    const part = theirs.subarray(item * theirs.length / 2, (item + 1) * theirs.length / 2);
    largest = Math.max(largest, largestDifference(ours, part));
  }
  await session.release();
  const again = await Session.create(exported);
  const image: HostTensor = { type: "float32", shape, data };
  const outputs = await again.run({ [inferenceNames.image]: image });
  await again.release();
  return Math.max(
    largest,
    largestDifference(outputs[inferenceNames.logits].data as Float32Array, theirs),
  );
}

async function subjects(): Promise<Subject[]> {
  const one = await scans("one", [30, 34, 32], [1.2, 1, 0.9], 1);
  const two = await scans("two", [28, 36, 30], [1, 1.1, 1], 2);
  const labels = { background: 0, ring: 1, ball: 2 };
  const plain = plansOf("Dataset001_Plain", architectureOf(3), [24, 24, 16], [1, 1, 1], 1);
  const cascade = plansOf("Dataset005_Cascade", architectureOf(3), [24, 24, 16], [1, 1, 1], 1);
  const fullres = cascade.configurations["3d_fullres"]!;
  const cascadePlans: PlansData = {
    ...cascade,
    configurations: {
      "3d_lowres": {
        ...fullres,
        name: "3d_lowres",
        dataIdentifier: "nnUNetPlans_3d_lowres",
        spacing: [1.8, 1.8, 1.8],
        nextStage: "3d_cascade_fullres",
      },
      "3d_fullres": fullres,
      "3d_cascade_fullres": { ...fullres, name: "3d_cascade_fullres", previousStage: "3d_lowres" },
    },
  };
  const first: Subject = {
    name: "first stage",
    plans: cascadePlans,
    configuration: "3d_lowres",
    dataset: datasetOf(labels, 1),
    ...one,
  };
  return [
    {
      name: "plain",
      plans: plain,
      configuration: "3d_fullres",
      dataset: datasetOf(labels, 1),
      ...one,
    },
    {
      name: "three folds",
      plans: { ...plain, datasetName: "Dataset006_Folds" },
      configuration: "3d_fullres",
      dataset: datasetOf(labels, 1),
      folds: [0, 1, 2],
      ...one,
    },
    {
      name: "flat plans",
      plans: { ...plain, datasetName: "Dataset002_Flat" },
      configuration: "3d_fullres",
      dataset: datasetOf(labels, 1),
      flat: true,
      ...one,
    },
    {
      name: "residual",
      plans: plansOf(
        "Dataset003_Residual",
        {
          ...architectureOf(3),
          networkClassName: RESIDUAL_ENCODER_UNET,
          convsPerStageDecoder: [1, 1],
        },
        [24, 24, 16],
        [1, 1, 1],
        1,
      ),
      configuration: "3d_fullres",
      dataset: datasetOf(labels, 1),
      ...one,
    },
    {
      name: "2d",
      plans: plansOf("Dataset004_Flatland", architectureOf(2), [24, 32], [1, 1], 1),
      configuration: "2d",
      dataset: datasetOf(labels, 1),
      ...one,
    },
    {
      name: "regions of two channels",
      plans: plansOf("Dataset007_Regions", architectureOf(3), [16, 24, 24], [1.3, 1, 1.2], 2),
      configuration: "3d_fullres",
      dataset: {
        ...datasetOf({ background: 0, whole: [1, 2], ball: [2] }, 2),
        regions_class_order: [1, 2],
      },
      ...two,
    },
    {
      name: "cascade",
      plans: cascadePlans,
      configuration: "3d_cascade_fullres",
      dataset: datasetOf(labels, 1),
      previous: first,
      ...one,
    },
    ...await hippocampus(),
  ];
}

async function hippocampus(): Promise<Subject[]> {
  const data = Deno.env.get("NNUNET_TEST_DATA");
  if (!data) {
    console.log("hippocampus skipped: set NNUNET_TEST_DATA");
    return [];
  }
  const folder = join(data, "hippocampus");
  const names = (await listImages(join(folder, "input"))).slice(0, 4);
  return [{
    name: "hippocampus",
    plans: plansOf("Dataset008_Hippocampus", architectureOf(3), [40, 56, 40], [1, 1, 1], 1),
    configuration: "3d_fullres",
    dataset: datasetOf({ background: 0, front: 1, back: 2 }, 1),
    images: names.map((name) => [join(folder, "input", name)]),
    labels: names.map((name) => join(folder, "ground_truth", name)),
  }];
}

function datasetOf(labels: Record<string, number | number[]>, channels: number) {
  return {
    channel_names: Object.fromEntries(Array.from({ length: channels }, (_, i) => [i, "MRI"])),
    labels,
    numTraining: 2,
    file_ending: ".nii.gz",
  };
}

function architectureOf(dimensions: 2 | 3): Architecture {
  const all = (extent: number) => new Array<number>(dimensions).fill(extent);
  return {
    networkClassName: PLAIN_UNET,
    dimensions,
    featuresPerStage: [8, 16, 32],
    kernelSizes: [all(3), all(3), all(3)],
    strides: [all(1), all(2), all(2)],
    convsPerStage: [2, 2, 2],
    convsPerStageDecoder: [2, 2],
  };
}

function plansOf(
  datasetName: string,
  architecture: Architecture,
  patchSize: readonly number[],
  spacing: readonly number[],
  channels: number,
): PlansData {
  const name = architecture.dimensions === 2 ? "2d" : "3d_fullres";
  const each = <T>(value: T) => new Array<T>(channels).fill(value);
  return {
    datasetName,
    plansName: "nnUNetPlans",
    originalMedianSpacing: [1, 1, 1],
    originalMedianShape: [32, 32, 32],
    imageReaderWriter: "SimpleITKIO",
    transposeForward: [0, 1, 2],
    transposeBackward: [0, 1, 2],
    experimentPlannerUsed: "ExperimentPlanner",
    intensityProperties: each({
      mean: 90,
      median: 95,
      std: 60,
      min: -900,
      max: 1500,
      percentile005: -150,
      percentile995: 300,
    }),
    configurations: {
      [name]: {
        name,
        dataIdentifier: `nnUNetPlans_${name}`,
        batchSize: 2,
        patchSize,
        medianImageSize: patchSize,
        spacing,
        normalizationSchemes: each("ZScoreNormalization" as const),
        useMaskForNorm: each(false),
        architecture,
        batchDice: false,
      },
    },
  };
}

/** Plans in the spelling of the first releases of version 2. */
function flatPlans(plans: PlansData): unknown {
  const json = JSON.parse(formatPlans(plans));
  for (const configuration of Object.values<Record<string, unknown>>(json.configurations)) {
    const { arch_kwargs: network } = JSON.parse(
      formatPythonJson(architectureToJson(plans.configurations["3d_fullres"]!.architecture)),
    );
    delete configuration.architecture;
    Object.assign(configuration, {
      UNet_class_name: "PlainConvUNet",
      UNet_base_num_features: network.features_per_stage[0],
      unet_max_num_features: 320,
      n_conv_per_stage_encoder: network.n_conv_per_stage,
      n_conv_per_stage_decoder: network.n_conv_per_stage_decoder,
      num_pool_per_axis: [2, 2, 2],
      conv_kernel_sizes: network.kernel_sizes,
      pool_op_kernel_sizes: network.strides,
    });
  }
  return json;
}

/** Two scans of a ball in a ring, and their truth. */
async function scans(
  name: string,
  shape: Zyx,
  spacing: Zyx,
  channels: number,
): Promise<Pick<Subject, "images" | "labels">> {
  const [z, y, x] = spacing;
  const geometry = { shape, spacing, affine: [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1] };
  const images: string[][] = [];
  const labels: string[] = [];
  for (const seed of [1, 2]) {
    const generator = createGenerator(seed);
    const truth = new Uint8Array(sizeOf(shape));
    for (let i = 0; i < truth.length; i++) {
      const at = [
        Math.floor(i / (shape[1] * shape[2])),
        Math.floor(i / shape[2]) % shape[1],
        i % shape[2],
      ];
      const radius = Math.hypot(...at.map((p, axis) => p - shape[axis] / 2 + seed));
      truth[i] = radius < 6 ? 2 : radius < 10 ? 1 : 0;
    }
    const files: string[] = [];
    for (let channel = 0; channel < channels; channel++) {
      const data = Float32Array.from(
        truth,
        (label) => 100 + 40 * (channel === 0 ? label : 2 - label) + 12 * generator.normal(),
      );
      const path = join(root, `${name}${seed}_000${channel}.nii.gz`);
      await writeImage(path, { geometry, channels: 1, data });
      files.push(path);
    }
    const label = join(root, `${name}${seed}.nii.gz`);
    await writeSegmentation(label, { geometry, data: truth });
    images.push(files);
    labels.push(label);
  }
  return { images, labels };
}
