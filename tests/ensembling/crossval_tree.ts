/** Recreates the results of a cross-validation that tests/golden/find_best.py generates. */

import { join } from "@std/path";
import { sizeOf, type Zyx, zyx } from "../../lib/array/nd_array.ts";
import { headsOf } from "../../lib/model/heads.ts";
import { beginVote } from "../../lib/ensembling/voting.ts";
import { parseDatasetJson } from "../../lib/files/dataset_json.ts";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import { encodeProperties } from "../../lib/interop/case_properties.ts";
import { writeNpz } from "../../lib/interop/npz.ts";
import { lcg } from "../golden/lcg.ts";
import golden from "../golden/find_best.json" with { type: "json" };
import { datasetJson } from "./member_folder.ts";

export type CrossvalRun = typeof golden[number];
export const crossvalRuns = golden;

const configurations = ["2d", "3d_fullres", "3d_lowres"];
const shape: Zyx = [3, 7, 9];
const geometry = {
  shape,
  spacing: [1, 1, 1] as const,
  affine: [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
};

function truth(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: sizeOf(shape) }, (_, voxel) => {
    const [y, x] = [Math.floor(voxel / 9) % 7, voxel % 9];
    return y < 1 || y >= 5 || x < 1 || x >= 7 ? 0 : x < 4 ? 1 : 2;
  });
}

/** Generates noise with a bonus for the true class. */
function probabilities(model: number, fold: number, bonus: number, regions: boolean) {
  const heads = regions ? [[1, 2], [2]] : [[0], [1], [2]];
  const labels = truth();
  const draw = lcg(1000 * (model + 1) + fold);
  const values = heads.map((members) => {
    const weight = (label: number) => members.includes(label) ? 1 : 0;
    return Float64Array.from(
      labels,
      (label) => draw() + (regions ? 2 * bonus : bonus) * weight(label),
    );
  });
  return Float32Array.from(
    values.flatMap((head) =>
      Array.from(head, (value, voxel) =>
        value /
        (regions ? 1 + 2 * bonus : values[0][voxel] + values[1][voxel] + values[2][voxel]))
    ),
  );
}

/**
 * Writes nnU-Net's `preprocessed` and `results` to a folder.
 *
 * @returns The folders of the models and of the ground truth.
 */
export async function writeCrossvalTree(root: string, { labels, order, bonus }: CrossvalRun) {
  const dataset = "Dataset007_Golden";
  const groundTruth = join(root, "preprocessed", dataset, "gt_segmentations");
  const json = datasetJson(labels, order ?? undefined);
  const heads = headsOf(parseDatasetJson(JSON.parse(json), "golden"));
  const models = configurations.map((configuration) =>
    join(root, "results", dataset, `nnUNetTrainer__nnUNetPlans__${configuration}`)
  );
  await Deno.mkdir(groundTruth, { recursive: true });
  for (let fold = 0; fold < 5; fold++) {
    const name = `c${fold}`;
    await writeSegmentation(join(groundTruth, `${name}.nii.gz`), { geometry, data: truth() });
    for (const [index, model] of models.entries()) {
      const folder = join(model, `fold_${fold}`, "validation");
      const values = probabilities(index, fold, bonus[index], order !== null);
      await writeNpz(join(folder, `${name}.npz`), {
        probabilities: { shape: [heads.count, ...shape], pieces: [values] },
      });
      await Deno.writeFile(
        join(folder, `${name}.pkl`),
        encodeProperties(geometry, {
          shapeBeforeCropping: shape,
          cropBox: zyx(shape.map((extent) => [0, extent])),
          shapeAfterCropping: shape,
        }, "SimpleITKIO"),
      );
      const voxels = sizeOf(shape);
      const vote = beginVote(voxels, heads, "soft", 1);
      for (let head = 0; head < heads.count; head++) {
        vote.take(head, 0, [values.slice(head * voxels, (head + 1) * voxels)]);
      }
      await writeSegmentation(join(folder, `${name}.nii.gz`), { geometry, data: vote.labels });
    }
  }
  for (const model of models) {
    await Deno.writeTextFile(join(model, "dataset.json"), json);
    await Deno.writeTextFile(join(model, "plans.json"), "{}");
  }
  return { models, groundTruth };
}
