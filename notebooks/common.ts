/** What the tutorial and the notebooks do alike. */

import { listImages } from "nnunet";
import { phantomLabels } from "../data/tissues.ts";

/** Names of the phantoms' labels 1, 2, … */
export const phantomClasses: readonly string[] = Object.keys(phantomLabels).slice(1);

/**
 * How to learn in minutes. nnU-Net's momentum of 0.99 averages over hundreds of steps, which a
 * training of thousands can afford; a short one learns sooner with 0.9, at a learning rate that
 * makes up for the smaller sum.
 */
export const shortLearning = { learningRate: 0.05, sgd: { momentum: 0.9 } } as const;

/** Label maps of a folder to keep for testing: every fifth, or the last of fewer. */
export async function testFilesIn(labels: string): Promise<string[]> {
  const files = await listImages(labels);
  const every = Math.min(5, files.length);
  return files.filter((_, i) => i % every === every - 1);
}
