/** Runs in a worker and decides a share of the labels on grids in shared memory. */

import type { Labels } from "../array/labels.ts";
import type { Shape } from "../array/nd_array.ts";
import { serve } from "../runtime/remote.ts";
import type { Heads } from "../model/heads.ts";
import { labelRuleOf } from "./label_rule.ts";
import { LabelTarget, type Share, type TargetGrid } from "./label_target.ts";
import type { LogitsBox } from "./logits_box.ts";

let targets: LabelTarget<ArrayBufferLike>[] = [];

const api = {
  /** Begins a case. @param labels One label map per grid, to be filled. */
  open(
    from: Shape,
    grids: readonly TargetGrid[],
    heads: Heads,
    labels: readonly Labels<ArrayBufferLike>[],
  ): void {
    const rule = labelRuleOf(heads, "logits");
    targets = grids.map((grid, i) => new LabelTarget(from, grid, rule, labels[i]));
  },

  /** Decides this worker's share of the labels that the box makes final. */
  add(box: LogitsBox, share: Share): void {
    for (const target of targets) target.add(box, share);
  },

  /** Ends a case and releases its memory. */
  close(): void {
    targets = [];
  },
};

/** The functions that the worker serves. */
export type LabelApi = typeof api;

serve(api);
