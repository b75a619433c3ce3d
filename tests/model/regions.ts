/** Creates regions for tests of which only the output labels matter. */

import type { Region } from "../../lib/model/heads.ts";

/** Creates regions of one label each. */
export function regionsAs(...outputLabels: readonly number[]): Region[] {
  return outputLabels.map((outputLabel) => ({ labels: [outputLabel], outputLabel }));
}
