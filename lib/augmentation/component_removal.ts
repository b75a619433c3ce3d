/** Missed objects for the previous stage of a cascade. */

import { findComponents, keepComponents } from "../morphology/components.ts";
import { chooseLabels } from "./binary_operators.ts";
import { changeImage, type Transform } from "./transform.ts";

/** From which label a component is removed. */
export interface ComponentRemoval {
  /** Place among the labels' channels, from 0. */
  readonly label: number;
  /** Which of the components that are small enough, as a fraction of their number, in [0, 1). */
  readonly choice: number;
}

/** What is removed, and how often. */
export interface ComponentRemovalOptions {
  /** Number of labels: the image's last channels, of zeros and ones. */
  readonly labels: number;
  /** Probability that a label loses a component. */
  readonly labelProbability: number;
  /** Share of the patch from which on a component is too large to be removed. */
  readonly maxShare: number;
}

/**
 * Removes one connected component of a label, each as likely as another, large ones excepted.
 * Parameters are the removals in order.
 *
 * @see MIC-DKFZ/batchgeneratorsv2 0.3.6 transforms/nnunet/remove_connected_components.py
 */
export function componentRemoval(
  { labels, labelProbability, maxShare }: ComponentRemovalOptions,
): Transform<readonly ComponentRemoval[]> {
  return {
    name: "componentRemoval",
    draw: (generator) =>
      chooseLabels(generator, labels, labelProbability)
        .map((label) => ({ label, choice: generator.uniform() })),
    apply: (sample, removals, mayOverwrite) =>
      removals.length === 0 ? sample : changeImage(sample, mayOverwrite, (channels) => {
        for (const { label, choice } of removals) {
          const channel = channels[channels.length - labels + label];
          const mask = Uint8Array.from(channel);
          const components = findComponents(mask, sample.segmentation.shape);
          const small = [...components.sizes.entries()]
            .filter(([, size]) => size < maxShare * mask.length);
          if (small.length === 0) continue;
          const [removed] = small[Math.floor(choice * small.length)];
          keepComponents(mask, components, (component) => component !== removed);
          channel.set(mask);
        }
      }),
  };
}
