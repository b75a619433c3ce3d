/** The models that Python trains and both sides predict with, and their training data. */

import { join } from "@std/path";
import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { listImages } from "../../lib/image/scan_folder.ts";
import {
  type Architecture,
  type Configuration,
  PLAIN_UNET,
  type PlansData,
  RESIDUAL_ENCODER_UNET,
} from "../../lib/files/plans.ts";
import {
  noResampling,
  type PlannedResampling,
  splineResampling,
  torchResampling,
} from "../../lib/files/resampling.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { realScansFolder } from "./real_scans.ts";

/** Scans, their labels and a model to train on them. */
export interface InferenceSubject {
  readonly name: string;
  readonly plansData: PlansData;
  readonly configuration: Configuration["name"];
  readonly dataset: Record<string, unknown>;
  /** Files of each case, one per channel. */
  readonly images: readonly (readonly string[])[];
  readonly labels: readonly string[];
  readonly folds?: readonly number[];
  /** Whether to write plans in the format of the first releases of version 2. */
  readonly flat?: boolean;
  /** Whether to train and predict the first stage before. */
  readonly previous?: InferenceSubject;
}

/** Makes all subjects. Scans are written to a folder, except for real ones. */
export async function inferenceSubjects(root: string): Promise<InferenceSubject[]> {
  const one = await scans(root, "one", [30, 34, 32], [1.2, 1, 0.9], 1);
  const two = await scans(root, "two", [28, 36, 30], [1, 1.1, 1], 2);
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
        nextStages: ["3d_cascade_fullres"],
      },
      "3d_fullres": fullres,
      "3d_cascade_fullres": { ...fullres, name: "3d_cascade_fullres", previousStage: "3d_lowres" },
    },
  };
  const first: InferenceSubject = {
    name: "first stage",
    plansData: cascadePlans,
    configuration: "3d_lowres",
    dataset: datasetOf(labels, 1),
    ...one,
  };
  return [
    {
      name: "plain",
      plansData: plain,
      configuration: "3d_fullres",
      dataset: datasetOf(labels, 1),
      ...one,
    },
    {
      name: "three folds",
      plansData: { ...plain, datasetName: "Dataset006_Folds" },
      configuration: "3d_fullres",
      dataset: datasetOf(labels, 1),
      folds: [0, 1, 2],
      ...one,
    },
    {
      name: "flat plans",
      plansData: { ...plain, datasetName: "Dataset002_Flat" },
      configuration: "3d_fullres",
      dataset: datasetOf(labels, 1),
      flat: true,
      ...one,
    },
    {
      name: "residual",
      plansData: plansOf(
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
      plansData: plansOf("Dataset004_Flatland", architectureOf(2), [24, 32], [1, 1], 1),
      configuration: "2d",
      dataset: datasetOf(labels, 1),
      ...one,
    },
    {
      name: "regions of two channels",
      plansData: plansOf("Dataset007_Regions", architectureOf(3), [16, 24, 24], [1.3, 1, 1.2], 2),
      configuration: "3d_fullres",
      dataset: {
        ...datasetOf({ background: 0, whole: [1, 2], ball: [2] }, 2),
        regions_class_order: [1, 2],
      },
      ...two,
    },
    {
      name: "cascade",
      plansData: cascadePlans,
      configuration: "3d_cascade_fullres",
      dataset: datasetOf(labels, 1),
      previous: first,
      ...one,
    },
    ...await hippocampus(),
  ];
}

/** Models whose plans resample otherwise than by nnU-Net's usual splines. */
export async function resamplingSubjects(root: string): Promise<InferenceSubject[]> {
  const files = await scans(root, "resampled", [24, 34, 32], [1.6, 1, 0.9], 1);
  const labels = { background: 0, ring: 1, ball: 2 };
  const cubic: PlannedResampling = {
    ...splineResampling,
    probabilities: { ...splineResampling.data },
  };
  return Object.entries({ torch: torchResampling, cubic, none: noResampling }).map(
    ([name, resampling], i) => {
      const plansData = plansOf(
        `Dataset02${i}_Resampling`,
        architectureOf(3),
        [24, 24, 16],
        [1.1, 1, 1.1],
        1,
      );
      const configuration = {
        ...plansData.configurations["3d_fullres"]!,
        name: "mine",
        resampling,
      };
      return {
        name: `resampling: ${name}`,
        plansData: { ...plansData, configurations: { mine: configuration } },
        configuration: "mine",
        dataset: datasetOf(labels, 1),
        ...files,
      };
    },
  );
}

async function hippocampus(): Promise<InferenceSubject[]> {
  if (realScansFolder === undefined) return [];
  const folder = join(realScansFolder, "hippocampus");
  const names = (await listImages(join(folder, "input"))).slice(0, 4);
  return [{
    name: "hippocampus",
    plansData: plansOf("Dataset008_Hippocampus", architectureOf(3), [40, 56, 40], [1, 1, 1], 1),
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

/** Writes two scans of a ball in a ring, and their labels. */
async function scans(
  root: string,
  name: string,
  shape: Zyx,
  spacing: Zyx,
  channels: number,
): Promise<Pick<InferenceSubject, "images" | "labels">> {
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
