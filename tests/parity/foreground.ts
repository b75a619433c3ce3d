/** Whether a comparison of label maps can tell anything: two empty maps always agree. */

import type { AnyLabels } from "../../lib/array/labels.ts";

/** Number of voxels that are not background. */
export function countForeground(labels: AnyLabels): number {
  let count = 0;
  for (const label of labels) if (label > 0) count++;
  return count;
}
