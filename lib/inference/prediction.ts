/** What networks make of a case, on its way from the worker that runs them to the one that writes. */

import type { Labels } from "../array/labels.ts";
import type { NdArray } from "../array/nd_array.ts";

/** A case as networks segment it; plain data. */
export interface Prediction {
  /** One label map a grid, (z, y, x). */
  readonly labels: readonly Labels[];
  /** (heads, z, y, x) on the plan's grid, if they were to be kept. */
  readonly logits?: NdArray<Float32Array<ArrayBuffer>>;
}

/** The memory of a prediction, to be moved to another thread. */
export function buffersOf({ labels, logits }: Prediction): ArrayBuffer[] {
  return [...labels, ...logits ? [logits.data] : []].map(({ buffer }) => buffer);
}
