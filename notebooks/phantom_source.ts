/** Generates the scans of the course. */

import { join } from "@std/path";
import { type DatasetOptions, generateDataset } from "../data/phantom_dataset.ts";
import { phantomClasses } from "./common.ts";
import type { Source } from "./prepare_dataset.ts";
import { withBar } from "./with_bar.ts";

/**
 * Generates brain-like phantoms from a seed; existing ones are kept.
 *
 * @param options How many, and how fine.
 */
export async function phantomSource(
  folder: string,
  options: Pick<DatasetOptions, "cases" | "spacing">,
): Promise<Source> {
  await withBar(
    "generating phantoms",
    (progress) => generateDataset({ folder, ...options, ...progress }),
  );
  return {
    name: "Phantoms",
    images: join(folder, "input"),
    labels: join(folder, "ground_truth"),
    channels: ["MRI"],
    classes: phantomClasses,
    mirrorAxes: [2], // A head mirrored from top to bottom is unrealistic.
  };
}
