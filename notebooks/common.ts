/** Settings and helpers shared by the tutorial and the notebooks. */

import { listImages } from "nnunet";
import { phantomLabels } from "../data/tissues.ts";

/** Names of the phantoms' labels 1, 2, … */
export const phantomClasses: readonly string[] = Object.keys(phantomLabels).slice(1);

/**
 * Settings for training in minutes. nnU-Net's momentum of 0.99 averages over hundreds of steps,
 * which suits trainings of thousands. A short training learns faster with 0.9 and a higher learning
 * rate, which compensates for the smaller sum.
 */
export const shortLearning = { learningRate: 0.05, sgd: { momentum: 0.9 } } as const;

/** Returns the label maps to reserve for testing: every fifth, or the last of fewer than five. */
export async function testFilesIn(labels: string): Promise<string[]> {
  const files = await listImages(labels);
  const every = Math.min(5, files.length);
  return files.filter((_, i) => i % every === every - 1);
}
