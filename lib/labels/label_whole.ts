/** Decides labels from whole volumes of logits, for resampling that cannot work box by box. */

import { type Labels, newLabels } from "../array/labels.ts";
import { freeArray } from "../array/reused_arrays.ts";
import { type NdArray, type Shape, sizeOf } from "../array/nd_array.ts";
import { splineResampling } from "../files/resampling.ts";
import type { Heads } from "../model/heads.ts";
import { resampleImage } from "../preprocessing/resample.ts";
import { labelRuleOf } from "./label_rule.ts";
import type { TargetGrid } from "./label_target.ts";
import type { LogitsBox, LogitsVisitor } from "./logits_box.ts";

/**
 * Decides a case's labels on other grids. Heads are resampled one after another, so beyond the
 * logits this needs the memory of two heads on the largest grid.
 *
 * @param from Voxels per axis of the logits' grid, (z, y, x).
 * @param grids Grids to decide labels on.
 * @param heads What the network's heads stand for.
 * @param predict Calls the visitor with boxes that together cover the volume.
 * @param threads Number of threads.
 * @returns One label map per grid, (z, y, x).
 * @throws What `predict` throws.
 */
export async function labelWhole(
  from: Shape,
  grids: readonly TargetGrid[],
  heads: Heads,
  predict: (visit: LogitsVisitor) => Promise<void>,
  threads: number,
): Promise<Labels[]> {
  const logits = new Float32Array(heads.count * sizeOf(from));
  await predict((box) => insert(box, logits, from));
  const rule = labelRuleOf(heads, "logits");
  const results: Labels[] = [];
  for (const grid of grids) {
    const labels = newLabels(rule.highestLabel, sizeOf(grid.shape));
    const decide = rule.decide(labels);
    for (let head = 0; head < heads.count; head++) {
      const values = logits.subarray(head * sizeOf(from), (head + 1) * sizeOf(from));
      const resampled = await resampleTo(grid, { shape: [1, ...from], data: values }, threads);
      decide(head, resampled.data);
      if (resampled.data !== values) freeArray(resampled.data);
    }
    results.push(labels);
  }
  return results;
}

/**
 * Resamples logits to a grid.
 *
 * @param logits (heads, z, y, x)
 * @returns A new array, or `logits` itself if they are on the grid already.
 */
export function resampleTo(
  { shape, spacing, newSpacing, resampling = splineResampling.probabilities }: TargetGrid,
  logits: NdArray<Float32Array<ArrayBuffer>>,
  threads?: number,
): Promise<NdArray<Float32Array<ArrayBuffer>>> {
  return resampleImage(logits, shape, spacing, newSpacing, { resampling, threads });
}

/** Copies a box into the whole volume. */
function insert(
  { origin, shape: [heads, ...size], data }: LogitsBox,
  whole: Float32Array,
  to: Shape,
) {
  const [depth, height, width] = size;
  for (let head = 0; head < heads; head++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const source = ((head * depth + z) * height + y) * width;
        const target = ((head * to[0] + origin[0] + z) * to[1] + origin[1] + y) * to[2] + origin[2];
        whole.set(data.subarray(source, source + width), target);
      }
    }
  }
}
