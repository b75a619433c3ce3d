/** What the heads of a data set's models stand for. */

import { type DatasetJson, foregroundOf, hasRegions, labelCount } from "../files/dataset_json.ts";
import type { HeadMeaning } from "./voting.ts";

/** One head a label, or one a region with the label that is painted for it. */
export function headMeaning(
  { labels, regionsClassOrder }: Pick<DatasetJson, "labels" | "regionsClassOrder">,
): HeadMeaning {
  return hasRegions(labels)
    ? { heads: foregroundOf(labels).length, regionsClassOrder }
    : { heads: labelCount(labels) };
}
