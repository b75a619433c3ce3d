/** Where each label occurs, so that training can centre patches on it. */

import type { NdArray } from "../array/nd_array.ts";
import { createMersenneTwister } from "../random/mersenne_twister.ts";

const SEED = 1234;
/** Kept of each label, if it has so many voxels. */
const MINIMUM_COUNT = 10_000;
/** Kept at least of a large label. */
const MINIMUM_FRACTION = 0.01;

/**
 * Draws voxels of each label, evenly and without replacement.
 *
 * The draw is nnU-Net's own, voxel for voxel: the same seed, generator and order.
 *
 * @param segmentation Labels, (z, y, x).
 * @param labels Those to look for, in the order in which they are drawn.
 * @returns For each label that occurs, n × (z, y, x) positions.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/preprocessors/default_preprocessor.py
 */
export function classLocations(
  segmentation: NdArray<Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer>>,
  labels: readonly number[],
): Map<number, Int32Array<ArrayBuffer>> {
  const [, height, width] = segmentation.shape;
  const random = createMersenneTwister(SEED);
  const locations = new Map<number, Int32Array<ArrayBuffer>>();
  for (const [label, voxels] of voxelsByLabel(segmentation.data, labels)) {
    if (voxels.length === 0) continue;
    const count = Math.max(
      Math.min(MINIMUM_COUNT, voxels.length),
      Math.ceil(voxels.length * MINIMUM_FRACTION),
    );
    const positions = new Int32Array(3 * count);
    random.choice(voxels.length, count).forEach((chosen, i) => {
      const row = Math.floor(voxels[chosen] / width);
      positions[3 * i] = Math.floor(row / height);
      positions[3 * i + 1] = row % height;
      positions[3 * i + 2] = voxels[chosen] % width;
    });
    locations.set(label, positions);
  }
  return locations;
}

/** Indices of each label's voxels, ascending. */
function voxelsByLabel(data: Int8Array | Int16Array, labels: readonly number[]) {
  // Tables by label: a map would be asked once a voxel.
  const highest = Math.max(0, ...labels);
  const counts = new Int32Array(highest + 1);
  forEachLabelled(data, (label) => {
    if (label <= highest) counts[label]++;
  });
  const voxels = Array.from(counts, () => new Int32Array(0));
  for (const label of labels) voxels[label] = new Int32Array(counts[label]);
  const filled = new Int32Array(highest + 1);
  forEachLabelled(data, (label, i) => {
    // Beyond the end of a typed array a write is ignored: labels not asked for stay empty.
    if (label <= highest) voxels[label][filled[label]++] = i;
  });
  return labels.map((label) => [label, voxels[label]] as const);
}

/**
 * Visits voxels of foreground. Most are background, 0 or −1 outside the scan, and passed over four
 * bytes at a time.
 */
function forEachLabelled(
  data: Int8Array | Int16Array,
  visit: (label: number, index: number) => void,
) {
  const perWord = 4 / data.BYTES_PER_ELEMENT;
  const isAligned = data.byteOffset % 4 === 0;
  const words = isAligned ? Math.floor(data.length / perWord) : 0;
  const view = new Int32Array(data.buffer, isAligned ? data.byteOffset : 0, words);
  for (let word = 0; word < words; word++) {
    if (view[word] === 0 || view[word] === -1) continue;
    const end = (word + 1) * perWord;
    for (let i = word * perWord; i < end; i++) if (data[i] > 0) visit(data[i], i);
  }
  for (let i = words * perWord; i < data.length; i++) if (data[i] > 0) visit(data[i], i);
}
