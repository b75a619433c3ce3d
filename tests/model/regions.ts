/** Regions for tests that look at the labels of the output only. */

import type { Region } from "../../lib/model/heads.ts";

/** Regions of one label each. */
export function regionsAs(...outputLabels: readonly number[]): Region[] {
  return outputLabels.map((outputLabel) => ({ labels: [outputLabel], outputLabel }));
}
