/** Simulates missed objects in a cascade's previous stage. */

import { findComponents, keepComponents } from "../morphology/components.ts";
import { chooseLabels } from "./binary_operators.ts";
import { changeImage, type Transform } from "./transform.ts";

/** The removal of one component of a label. */
export interface ComponentRemoval {
  /** Index among the labels' channels, from 0. */
  readonly label: number;
  /** Picks one of the sufficiently small components: its index over their number, in [0, 1). */
  readonly choice: number;
}

/** Options of {@link componentRemoval}. */
export interface ComponentRemovalOptions {
  /** Number of labels: the image's last channels, of zeros and ones. */
  readonly labels: number;
  /** Probability that a label loses a component. */
  readonly labelProbability: number;
  /** Fraction of the patch's voxels at which a component is too large to be removed. */
  readonly maxShare: number;
}

/**
 * Removes one connected component of a label, chosen uniformly among those that are small enough.
 * The parameters are the removals in order.
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
