/** Defines where training steps get their batches from. */

import type { Batch } from "./batch.ts";

/** Hands out batches in order. */
export interface BatchStream {
  /** Returns the next batch. */
  next(): Promise<Batch>;
  /** Returns a batch's memory for reuse; its arrays must not be used afterwards. */
  recycle(batch: Batch): void;
  /** Ends what makes the batches. */
  close(): void;
}
