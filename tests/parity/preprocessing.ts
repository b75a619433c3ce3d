/** Compares preprocessing of whole cases with nnU-Net's. */

import { join } from "@std/path";
import { sameShape, sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../../lib/image/image_files.ts";
import { listImages } from "../../lib/image/scan_folder.ts";
import { preprocessCase } from "../../lib/preprocessing/preprocess_case.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { plansOf, type Recipe } from "../bench/preprocessing_plans.ts";
import { PythonPeer } from "../bench/python_peer.ts";
import type { Agreement } from "./agreement.ts";
import { realScansFolder } from "./real_scans.ts";

/** Tolerance of normalised intensities. */
const TOLERANCE = 1e-3;
/** Share of voxels that must agree. */
const SHARE = 0.9999;

/** A case to preprocess on both sides. */
interface Subject {
  readonly name: string;
  readonly images: readonly string[];
  readonly label: string;
  readonly recipe: Recipe;
}

const zScore = { schemes: ["ZScoreNormalization"], useMask: [false] } as const;

/**
 * Preprocesses generated cases on both sides, and real ones if there are any.
 */
export async function comparePreprocessing(): Promise<Agreement> {
  const folder = await Deno.makeTempDir({ prefix: "parity_preprocessing_" });
  const peer = await PythonPeer.start(new URL("./preprocessing.py", import.meta.url));
  try {
    const subjects = [...await syntheticSubjects(folder), ...await realSubjects()];
    let agreed = 0;
    for (const subject of subjects) if (await agrees(peer, folder, subject)) agreed++;
    return { of: "preprocessed cases", agreed, total: subjects.length };
  } finally {
    peer.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Preprocesses a case on both sides and prints the largest difference. */
async function agrees(
  peer: PythonPeer,
  folder: string,
  { name, images, label, recipe }: Subject,
): Promise<boolean> {
  const { plans, configuration, labels, python } = plansOf(recipe);
  const output = join(folder, `python ${name}`); // Each has its own, so that none reads another's.
  const { shape } = await peer.ask<{ shape: number[] }>({ ...python, images, label, output });
  const ours = await preprocessCase({
    name,
    image: await readImage(images),
    segmentation: await readSegmentation(label),
    plansData: plans,
    configuration,
    labels,
  });
  if (!sameShape(ours.data.shape, shape)) {
    console.log(`${name}: shape is [${ours.data.shape}], expected [${shape}]`);
    return false;
  }
  const image = new Float32Array((await Deno.readFile(`${output}.image`)).buffer);
  const truth = new Int16Array((await Deno.readFile(`${output}.labels`)).buffer);
  let near = 0;
  let largest = 0;
  image.forEach((value, i) => {
    const difference = Math.abs(value - ours.data.data[i]);
    if (difference <= TOLERANCE) near++;
    if (!(difference <= largest)) largest = difference;
  });
  let same = 0;
  truth.forEach((value, i) => {
    if (value === ours.segmentation!.data[i]) same++;
  });
  const good = near >= SHARE * image.length && same >= SHARE * truth.length;
  console.log(
    `${good ? "agree" : "DIFFER"}  ${name}: ${shape.join(" × ")}, largest difference ` +
      `${largest.toExponential(1)}, within ${TOLERANCE} ${percent(near, image.length)}, ` +
      `labels ${percent(same, truth.length)}`,
  );
  return good;
}

function percent(count: number, total: number) {
  return `${(100 * count / total).toFixed(count === total ? 0 : 4)} %`;
}

/** Writes scans of ellipsoids with labels. */
async function syntheticSubjects(folder: string): Promise<Subject[]> {
  return [
    await synthetic(folder, "coarse slices before", [24, 90, 80], [5, 0.7, 0.7], {
      ...zScore,
      spacing: [2.4, 1, 0.9],
      labels: 3,
    }),
    await synthetic(folder, "coarse slices after", [60, 50, 56], [1, 1, 1], {
      ...zScore,
      spacing: [4.2, 0.8, 1.1],
      labels: 3,
    }),
    await synthetic(folder, "coarse rows, transposed", [50, 20, 60], [1, 4, 0.9], {
      ...zScore,
      spacing: [3.1, 1.1, 0.8],
      labels: 3,
      transposeForward: [1, 0, 2],
    }),
    await synthetic(folder, "one slice in three colours", [1, 150, 170], [999, 1, 1], {
      schemes: ["RGBTo01Normalization", "RGBTo01Normalization", "RGBTo01Normalization"],
      useMask: [false, false, false],
      spacing: [0.8, 1.3],
      labels: 3,
    }),
    await synthetic(folder, "four channels in a mask", [40, 48, 44], [1, 1.2, 0.9], {
      schemes: [
        "ZScoreNormalization",
        "ZScoreNormalization",
        "ZScoreNormalization",
        "RescaleTo01Normalization",
      ],
      useMask: [true, true, true, true],
      spacing: [0.8, 1, 1.1],
      labels: 3,
    }),
  ];
}

async function synthetic(
  folder: string,
  name: string,
  shape: Zyx,
  spacing: Zyx,
  recipe: Recipe,
): Promise<Subject> {
  const [z, y, x] = spacing;
  const geometry = { shape, spacing, affine: [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1] };
  const labels = new Uint8Array(sizeOf(shape));
  const radii = new Float32Array(labels.length);
  for (let i = 0; i < radii.length; i++) {
    const at = [
      Math.floor(i / (shape[1] * shape[2])),
      Math.floor(i / shape[2]) % shape[1],
      i % shape[2],
    ];
    radii[i] = Math.hypot(...at.map((p, axis) => (2 * p + 1 - shape[axis]) / (0.9 * shape[axis])));
    labels[i] = radii[i] < 0.3 ? 1 : radii[i] < 0.45 ? 2 : radii[i] < 0.6 ? 3 : 0;
  }
  const images: string[] = [];
  const generator = createGenerator(shape[0]);
  for (let channel = 0; channel < recipe.schemes.length; channel++) {
    const data = Float32Array.from(radii, (radius) => {
      if (radius > 1) return 0;
      return Math.min(255, Math.max(1, Math.round(160 - 80 * radius + 12 * generator.normal())));
    });
    const path = join(folder, `${name}_000${channel}.nii.gz`);
    await writeImage(path, { geometry, channels: 1, data });
    images.push(path);
  }
  const label = join(folder, `${name}.nii.gz`);
  await writeSegmentation(label, { geometry, data: labels });
  return { name, images, label, recipe };
}

async function realSubjects(): Promise<Subject[]> {
  const root = realScansFolder;
  if (root === undefined) return [];
  const from = async (set: string, count: number, recipe: Recipe): Promise<Subject[]> => {
    const names = (await listImages(join(root, set, "input"))).slice(0, count);
    return names.map((name) => ({
      name: `${name} to ${recipe.spacing.join(" × ")} mm`,
      images: [join(root, set, "input", name)],
      label: join(root, set, "ground_truth", name),
      recipe,
    }));
  };
  return [
    ...await from("hippocampus", 8, { ...zScore, spacing: [1, 1, 1], labels: 2 }),
    ...await from("hippocampus", 8, { ...zScore, spacing: [0.8, 1.2, 0.9], labels: 2 }),
    ...await from("ct", 1, {
      schemes: ["CTNormalization"],
      useMask: [false],
      spacing: [2.5, 1.1, 1.1],
      labels: 1,
    }),
  ];
}
