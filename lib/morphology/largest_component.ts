/** Keeps the largest connected component of labels, nnU-Net's only postprocessing step. */

import type { AnyLabels } from "../array/labels.ts";
import type { Shape } from "../array/nd_array.ts";
import { type Components, findComponents, keepComponents } from "./components.ts";

/**
 * Sets voxels of the given labels to background unless they are in the largest component of those
 * labels combined. Components that tie for the largest size are all kept.
 *
 * @param data Labels in C order, changed in place.
 * @param shape At most three axes; neighbours across edges and corners connect.
 * @param labels Labels that count as one object.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/postprocessing/remove_connected_components.py
 */
export function keepLargestComponent(
  data: AnyLabels,
  shape: Shape,
  labels: readonly number[],
): void {
  const mask = maskOf(data, labels);
  const components = findComponents(mask, shape);
  const largest = largestSizes(components).get(1);
  keepComponents(data, components, (component) => components.sizes[component] === largest);
}

/**
 * Applies {@link keepLargestComponent} to several labels separately, in a single pass.
 *
 * @param labels Labels that each count as one object.
 */
export function keepLargestOfEach(
  data: AnyLabels,
  shape: Shape,
  labels: readonly number[],
): void {
  const components = findComponents(data, shape);
  const largest = largestSizes(components);
  const chosen = new Set(labels);
  keepComponents(data, components, (component) => {
    const label = components.labels[component];
    return !chosen.has(label) || components.sizes[component] === largest.get(label);
  });
}

/** Returns the size of each label's largest component. */
export function largestSizes({ labels, sizes }: Components): Map<number, number> {
  const largest = new Map<number, number>();
  for (let component = 0; component < sizes.length; component++) {
    const label = labels[component];
    largest.set(label, Math.max(largest.get(label) ?? 0, sizes[component]));
  }
  return largest;
}

/** Returns a mask that is 1 where a voxel has one of the labels. */
export function maskOf(data: AnyLabels, labels: readonly number[]): Uint8Array<ArrayBuffer> {
  const chosen = new Uint8Array(1 << 16);
  for (const label of labels) chosen[label] = 1;
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < mask.length; i++) mask[i] = chosen[data[i]];
  return mask;
}
