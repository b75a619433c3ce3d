/**
 * Draws the most telling slice of a case with its labels as one picture, a pixel per voxel.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/overlay_plots.py
 */

import type { Shape } from "../array/nd_array.ts";
import { classColor } from "./class_colors.ts";
import type { Raster } from "./png.ts";

/** One channel of a scan, and its labels. */
export interface LabelledVolume {
  /** Voxels per axis, (z, y, x). */
  readonly shape: Shape;
  readonly values: Float32Array;
  /** A label per voxel; 0 and negative ones are not drawn. */
  readonly labels: ArrayLike<number>;
}

/**
 * Returns the slice along z in which classes are present most: where the mean of their shares, each
 * of the class's voxels in the volume, is largest. The first slice if there are no classes.
 */
export function mostTellingSlice(
  { shape: [depth, height, width], labels }: LabelledVolume,
): number {
  const size = height * width;
  const counts = new Map<number, Float64Array>();
  for (let voxel = 0; voxel < depth * size; voxel++) {
    const label = labels[voxel];
    if (label <= 0) continue;
    let count = counts.get(label);
    if (!count) counts.set(label, count = new Float64Array(depth));
    count[Math.floor(voxel / size)]++;
  }
  const shares = new Float64Array(depth);
  for (const count of counts.values()) {
    const total = count.reduce((sum, voxels) => sum + voxels, 0);
    count.forEach((voxels, slice) => shares[slice] += voxels / total);
  }
  return shares.reduce((best, share, slice) => share > shares[best] ? slice : best, 0);
}

/**
 * Paints a slice in grey, from its lowest to its highest value, and adds the colours of its classes.
 *
 * @param volume The scan and its labels.
 * @param slice Position along z.
 * @param intensity Fraction of a class's colour that is added; the picture is scaled to its
 * brightest part afterwards.
 */
export function paintOverlay(volume: LabelledVolume, slice: number, intensity: number): Raster {
  const [, height, width] = volume.shape;
  const size = height * width;
  const values = volume.values.subarray(slice * size, (slice + 1) * size);
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  // In single precision and in this order, so that pixels are those of nnU-Net.
  const above = values.map((value) => value - low);
  const range = above.reduce((a, b) => Math.max(a, b), 0) || 1;
  const parts = new Float32Array(3 * size);
  for (let pixel = 0; pixel < size; pixel++) {
    const grey = Math.fround(Math.fround(above[pixel] / range) * 255);
    const label = volume.labels[slice * size + pixel];
    const color = label > 0 ? classColor(label - 1) : undefined;
    for (let part = 0; part < 3; part++) {
      parts[3 * pixel + part] = color ? grey + intensity * color[part] : grey;
    }
  }
  const brightest = parts.reduce((a, b) => Math.max(a, b), 0) || 1;
  const data = new Uint8Array(4 * size).fill(255);
  parts.forEach((value, i) => {
    data[4 * Math.floor(i / 3) + i % 3] = Math.fround(Math.fround(value / brightest) * 255);
  });
  return { width, height, data };
}
