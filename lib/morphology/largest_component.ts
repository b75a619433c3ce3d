/** Keeps the largest connected component of some labels: nnU-Net's one step of postprocessing. */

import type { Shape } from "../array/nd_array.ts";
import { findComponents, keepComponents, type LabelData } from "./components.ts";

/**
 * Sets voxels of some labels to background where they are not in the largest component of those
 * labels together. Components of the same, largest size are all kept.
 *
 * @param data Labels in C order, changed in place.
 * @param shape At most three axes; neighbours across edges and corners connect.
 * @param labels Labels that count as one object.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/postprocessing/remove_connected_components.py
 */
export function keepLargestComponent(
  data: LabelData,
  shape: Shape,
  labels: readonly number[],
): void {
  const mask = maskOf(data, labels);
  const components = findComponents(mask, shape);
  let largest = 0;
  for (const size of components.sizes) largest = Math.max(largest, size);
  keepComponents(data, components, (component) => components.sizes[component] === largest);
}

/** 1 where a voxel has one of the labels. */
export function maskOf(data: LabelData, labels: readonly number[]): Uint8Array<ArrayBuffer> {
  const chosen = new Uint8Array(1 << 16);
  for (const label of labels) chosen[label] = 1;
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < mask.length; i++) mask[i] = chosen[data[i]];
  return mask;
}
