/** Creates synthetic scans of a few thousand voxels: a bright ball in a shell, with noise. */

import { join } from "@std/path";
import { sizeOf, type Zyx } from "../lib/array/nd_array.ts";
import { Dataset } from "../lib/dataset/dataset.ts";
import { writeImage, writeSegmentation } from "../lib/image/image_files.ts";
import { Planner } from "../lib/planner.ts";
import { Plans } from "../lib/plans.ts";
import { createGenerator } from "../lib/random/generator.ts";
import { plainGeometry } from "./image/sample_images.ts";

export const tinyShape: Zyx = [12, 16, 16];

/** Creates a scan and its labels, 1 in the shell and 2 inside; `seed` sets position and noise. */
export function tinyScan(seed: number) {
  const generator = createGenerator(seed);
  const geometry = plainGeometry(tinyShape);
  const data = new Float32Array(sizeOf(tinyShape));
  const labels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [z, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
    const radius = Math.hypot(z - 6, y - 7 - seed % 3, x - 8);
    labels[i] = radius < 3 ? 2 : radius < 5 ? 1 : 0;
    data[i] = 100 + 40 * labels[i] + 10 * generator.normal();
  }
  return { image: { geometry, channels: 1, data }, segmentation: { geometry, data: labels } };
}

/** Writes `c0`, `c1`, … to `input` and `ground_truth` in a folder. */
export async function writeTinyScans(
  folder: string,
  { cases = 5, ending = ".nii.gz" } = {},
): Promise<{ images: string; labels: string }> {
  const [images, labels] = [join(folder, "input"), join(folder, "ground_truth")];
  for (let seed = 0; seed < cases; seed++) {
    const { image, segmentation } = tinyScan(seed);
    await writeImage(join(images, `c${seed}${ending}`), image);
    await writeSegmentation(join(labels, `c${seed}${ending}`), segmentation);
  }
  return { images, labels };
}

/**
 * Creates a data set of tiny scans in a new folder, planned for a tiny network and preprocessed.
 */
export async function makeTinyPlans(
  { cases = 5 } = {},
): Promise<{ plans: Plans; dataset: Dataset; root: string }> {
  const root = await Deno.makeTempDir();
  const dataset = await Dataset.create({
    root,
    id: 1,
    name: "Tiny",
    ...await writeTinyScans(root, { cases }),
    channels: ["MRI"],
    classes: ["shell", "ball"],
  });
  const plans = await new Planner({ gpuMemoryTarget: 0.05, baseFeatures: 4 }).plan(dataset);
  await plans.preprocess(dataset, { configurations: ["3d_fullres"], workers: 1 });
  return { plans, dataset, root };
}

/** Returns the plans with a new, empty results folder in `root`. */
export function withOwnResults(plans: Plans, root: string): Plans {
  const results = Deno.makeTempDirSync({ dir: root });
  return new Plans({ ...plans, folders: { ...plans.folders, results } });
}

/** Runs a test with a new folder in `root` with the scans of seeds 3 and 4 in `scans`. */
export async function withScans(
  root: string,
  run: (folder: string, scans: string) => Promise<void>,
) {
  const folder = await Deno.makeTempDir({ dir: root });
  const scans = join(folder, "scans");
  await writeImage(join(scans, "a_0000.nii.gz"), tinyScan(3).image);
  await writeImage(join(scans, "b_0000.nii.gz"), tinyScan(4).image);
  await run(folder, scans);
}
