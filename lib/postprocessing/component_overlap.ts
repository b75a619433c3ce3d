/** Computes the overlap of each class if only its largest component were kept. */

import { overlapOf } from "../evaluation/overlap.ts";
import type { LabelOrRegion, Overlap } from "../files/summary.ts";
import type { Segmentation } from "../image/image.ts";
import { type Components, findComponents } from "../morphology/components.ts";
import { largestSizes, maskOf } from "../morphology/largest_component.ts";

/**
 * Returns the overlap of each class after keeping its largest component, without changing the
 * prediction: each component's hits are counted once, for all labels in one pass.
 *
 * @param classes Classes to evaluate separately. All labels share one pass; each region takes one.
 * @param ignoreLabel Voxels with this label in the reference are not counted, except in the sizes
 * of components.
 * @returns One overlap per class.
 */
export function overlapsOfLargest(
  reference: Segmentation,
  prediction: Segmentation,
  classes: readonly LabelOrRegion[],
  ignoreLabel?: number,
): Overlap[] {
  const { shape } = prediction.geometry;
  const labels = classes.filter((each) => typeof each === "number");
  const byLabel = labels.length === 0
    ? undefined
    : agreementOfLargest(findComponents(prediction.data, shape), reference.data, ignoreLabel);
  return classes.map((each) => {
    if (typeof each === "number") return byLabel!(each);
    const mask = maskOf(prediction.data, each);
    // Ignored voxels get a value of their own, since they are in no region.
    const inReference = maskOf(reference.data, each);
    if (ignoreLabel !== undefined) {
      for (let i = 0; i < mask.length; i++) {
        if (reference.data[i] === ignoreLabel) inReference[i] = IGNORED;
      }
    }
    return agreementOfLargest(findComponents(mask, shape), inReference, IGNORED)(1);
  });
}

const IGNORED = 2;

/** Returns a function from a label to the overlap of its largest components. */
function agreementOfLargest(
  components: Components,
  reference: Segmentation["data"],
  ignoreLabel: number | undefined,
): (label: number) => Overlap {
  const { labels, sizes, runs } = components;
  const counted = new Float64Array(sizes.length); // Voxels per component, without ignored.
  const hits = new Float64Array(sizes.length); // Voxels per component with the reference's label.
  for (let run = 0; run < runs.begins.length; run++) {
    const component = runs.components[run];
    for (let voxel = runs.begins[run]; voxel < runs.ends[run]; voxel++) {
      if (reference[voxel] === labels[component]) hits[component]++;
      if (reference[voxel] !== ignoreLabel) counted[component]++;
    }
  }
  const inReference = new Float64Array(1 << 16);
  for (let voxel = 0; voxel < reference.length; voxel++) inReference[reference[voxel]]++;
  const total = reference.length - (ignoreLabel === undefined ? 0 : inReference[ignoreLabel]);

  const largest = largestSizes(components);
  return (label) => {
    let truePositives = 0;
    let predicted = 0;
    for (let component = 0; component < sizes.length; component++) {
      if (labels[component] !== label || sizes[component] !== largest.get(label)) continue;
      truePositives += hits[component];
      predicted += counted[component];
    }
    const falsePositives = predicted - truePositives;
    const falseNegatives = inReference[label] - truePositives;
    const trueNegatives = total - truePositives - falsePositives - falseNegatives;
    return overlapOf(truePositives, falsePositives, falseNegatives, trueNegatives);
  };
}
