/** A predicted case, as the network's worker passes it to the worker that writes files. */

import type { Labels } from "../array/labels.ts";
import type { NdArray } from "../array/nd_array.ts";

/** A predicted case, as plain data. */
export interface Prediction {
  /** One label map per target grid, (z, y, x). */
  readonly labels: readonly Labels[];
  /** (heads, z, y, x) on the plan's grid, if they are needed for probabilities. */
  readonly logits?: NdArray<Float32Array<ArrayBuffer>>;
}

/** Buffers of a prediction, to transfer them to another thread. */
export function buffersOf({ labels, logits }: Prediction): ArrayBuffer[] {
  return [...labels, ...logits ? [logits.data] : []].map(({ buffer }) => buffer);
}
