/** Computes and compares the logits of patches. */

import { type Shape, sizeOf } from "../../lib/array/nd_array.ts";
import { inferenceNames } from "../../lib/model/inference_graph.ts";
import { CpuWindow } from "../../lib/window/cpu/cpu_window.ts";
import type { TilePredictor } from "../../lib/window/cpu/predict_cells.ts";
import type { HostTensor, Session } from "../../lib/runtime/session.ts";

/**
 * Logits of one patch, averaged over mirrored views.
 *
 * @param data Intensities, (c, …patch).
 */
export async function patchLogits(
  session: Session,
  data: Float32Array<ArrayBuffer>,
  { patchSize, heads, mirrorAxes }: {
    readonly patchSize: Shape;
    readonly heads: number;
    readonly mirrorAxes: readonly number[];
  },
): Promise<Float32Array> {
  const spatial = [...new Array<number>(3 - patchSize.length).fill(1), ...patchSize];
  const patch = { shape: [data.length / sizeOf(patchSize), ...spatial], data };
  const predict: TilePredictor = async (tile) => {
    const image: HostTensor = { type: "float32", shape: [1, ...tile.shape], data: tile.data };
    const outputs = await session.run({ [inferenceNames.image]: image });
    return outputs[inferenceNames.logits].data as Float32Array;
  };
  const window = new CpuWindow([predict], { tileSize: patchSize, heads, mirrorAxes });
  const { data: logits } = await window.logits(patch);
  return logits;
}

/**
 * The largest difference of elements; NaN if one is NaN, which exceeds every tolerance.
 *
 * @throws {RangeError} If the lengths differ.
 */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) {
    throw new RangeError(`Cannot compare ${a.length} elements with ${b.length}`);
  }
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}
