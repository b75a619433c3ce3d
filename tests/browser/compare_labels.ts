/** Compares a page's label map with that of a `Predictor`, and says where classes tie. */

import { join } from "@std/path";
import type { Image, Segmentation } from "../../lib/image/image.ts";
import { NpzFile } from "../../lib/interop/npz.ts";
import type { Predictor } from "../../lib/predictor.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/**
 * Classes whose probabilities differ by less tie: there the order in which a processor adds may decide,
 * since the logits of two orders differ by some millionths of the largest.
 */
export const TIE = 1e-4;

/** How a label map differs from the one that `Predictor` makes. */
export interface LabelDifferences {
  readonly voxels: number;
  /** Voxels with other labels. */
  readonly differing: number;
  /** Of these, the voxels whose classes do not tie. */
  readonly withoutTie: number;
}

/**
 * Compares two label maps voxel by voxel.
 *
 * @param found The page's label map.
 * @param expected The predictor's.
 * @param predictor Predicts the probabilities of the scan, if voxels differ.
 * @param scan The scan.
 * @param previousStage For a cascade, the first stage's segmentation.
 * @throws {RangeError} If the label maps have different shapes.
 */
export async function compareLabels(
  found: Segmentation,
  expected: Segmentation,
  predictor: Predictor,
  scan: Image,
  previousStage?: Segmentation,
): Promise<LabelDifferences> {
  const [shape, expectedShape] = [found, expected].map(({ geometry }) =>
    geometry.shape.join(" × ")
  );
  if (shape !== expectedShape || found.data.length !== expected.data.length) {
    throw new RangeError(`The page's label map has ${shape} voxels, expected ${expectedShape}`);
  }
  const voxels = expected.data.length;
  const indices: number[] = [];
  for (let voxel = 0; voxel < voxels; voxel++) {
    if (found.data[voxel] !== expected.data[voxel]) indices.push(voxel);
  }
  if (indices.length === 0) return { voxels, differing: 0, withoutTie: 0 };
  const hasRegions = predictor.datasetJson.regionsClassOrder !== undefined;
  const { probabilities, heads } = await probabilitiesOf(predictor, scan, previousStage);
  const withoutTie = indices.filter((voxel) => {
    const values = Array.from({ length: heads }, (_, head) => probabilities[head * voxels + voxel]);
    return !(margin(values, hasRegions) < TIE);
  });
  return { voxels, differing: indices.length, withoutTie: withoutTie.length };
}

/** How far a voxel's probabilities are from those that lead to another label. */
function margin(values: readonly number[], hasRegions: boolean): number {
  if (hasRegions) return Math.min(...values.map((value) => Math.abs(value - 0.5)));
  const [first, second] = values.toSorted((a, b) => b - a);
  return first - second;
}

/** Predicts the probabilities of a scan, (head, z, y, x). */
async function probabilitiesOf(predictor: Predictor, scan: Image, previousStage?: Segmentation) {
  return await withTemporaryFolder(async (folder) => {
    await predictor.predictProbabilities(scan, folder, { previousStage });
    using file = await NpzFile.open(join(folder, "scan.npz"));
    const array = await file.array("probabilities");
    const probabilities = new Float32Array(array.shape.reduce((size, extent) => size * extent));
    await array.read(probabilities);
    await array.cancel();
    return { probabilities, heads: array.shape[0] };
  });
}
