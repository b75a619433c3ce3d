/**
 * The data sets of parity:training's `outcome`, with networks small enough to train until Dice no
 * longer rises.
 */

import { join } from "@std/path";
import { generateDataset } from "../../data/generate.ts";
import { phantomLabels } from "../../data/tissues.ts";
import type { Zyx } from "../../lib/array/nd_array.ts";
import { pictureClasses, writePictures } from "./outcome_pictures.ts";
import type { SharedPlanOptions } from "./shared_plan.ts";
import { hippocampusScans, type Scans } from "./training_subjects.ts";

/** A data set, its network, and how long both sides train. */
export interface OutcomeDataset
  extends Omit<SharedPlanOptions, "scans" | "root" | "pythonPreprocessed"> {
  /** Name to select it by. */
  readonly key: string;
  /** What it is, in a few words. */
  readonly title: string;
  readonly epochs: number;
  /** Steps of an epoch. */
  readonly iterations: number;
  /** Writes or finds the scans; undefined if they are not here. */
  scans(folder: string): Promise<Scans | undefined>;
}

/** All classes of the phantoms but the background. */
const phantomClasses = Object.keys(phantomLabels).slice(1);

function phantoms(key: string, title: string, id: number, spacing: Zyx, patchSize: Zyx) {
  return {
    key,
    title,
    id,
    channels: ["MRI"],
    classes: phantomClasses,
    configuration: "3d_fullres",
    planning: { baseFeatures: 8, overrides: { "3d_fullres": { batchSize: 2, patchSize } } },
    epochs: 10,
    iterations: 150,
    validationCases: 20,
    async scans(folder: string) {
      await generateDataset({ folder, cases: 40, spacing });
      return { images: join(folder, "input"), labels: join(folder, "ground_truth") };
    },
  } as const;
}

/** The data sets, the quickest first. */
export const outcomeDatasets: readonly OutcomeDataset[] = [
  {
    key: "hippocampus",
    title: "hippocampus at 2 mm",
    id: 1,
    channels: ["MRI"],
    classes: ["anterior", "posterior"],
    configuration: "3d_fullres",
    planning: {
      baseFeatures: 8,
      targetSpacing: [2, 2, 2],
      overrides: { "3d_fullres": { batchSize: 2 } },
    },
    epochs: 10,
    iterations: 150,
    validationCases: 30,
    scans: () => Promise.resolve(hippocampusScans()),
  },
  {
    key: "pictures",
    title: "2D pictures of three channels",
    id: 2,
    channels: ["rgb_to_0_1", "rgb_to_0_1", "rgb_to_0_1"],
    classes: [...pictureClasses],
    configuration: "2d",
    planning: {
      baseFeatures: 8,
      overrides: { "2d": { batchSize: 4, patchSize: [64, 64] } },
    },
    epochs: 10,
    iterations: 150,
    validationCases: 40,
    scans: (folder) => writePictures(folder, 80),
  },
  phantoms("phantoms", "phantoms at 3 mm", 3, [3, 3, 3], [20, 28, 20]),
  phantoms("thick", "phantoms at 3 mm with slices of 10 mm", 4, [10, 3, 3], [8, 28, 20]),
];
