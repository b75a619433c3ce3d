/** Samples voxel positions of each label or region, on which training centres patches. */

import type { SignedLabels } from "../array/labels.ts";
import type { NdArray } from "../array/nd_array.ts";
import type { DatasetJson } from "../files/dataset.ts";
import {
  declaredLabels,
  foregroundOf,
  hasRegions,
  ignoreLabelOf,
} from "../files/dataset_labels.ts";
import { createMersenneTwister } from "../random/mersenne_twister.ts";

/** Label of voxels outside the nonzero mask. */
const OUTSIDE = -1;
const SEED = 1234;
/** Positions kept per class at least, or all voxels if there are fewer. */
const MINIMUM_COUNT = 10_000;
/** Fraction of a class's voxels that is kept at least. */
const MINIMUM_FRACTION = 0.01;

/** A label, or the labels of a region, which are located together. */
export type LocatedClass = number | readonly number[];

/** Key of a class in a map: the label itself, or a region's labels as `"1,2"`. */
export type ClassKey = number | string;

/**
 * Lists the classes that patches are centred on: each foreground label or region and, if there is
 * an ignore label, one class of all annotated voxels, including background and the outside (−1).
 *
 * @param labels As declared in `dataset.json`.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/preprocessors/default_preprocessor.py,
 * run_case_npy
 */
export function classesToLocate(labels: DatasetJson["labels"]): LocatedClass[] {
  const foreground = foregroundOf(labels).map(({ value }) => value);
  const ignored = ignoreLabelOf(labels);
  const known = declaredLabels(labels).filter((label) => label !== ignored);
  return [
    ...hasRegions(labels) ? foreground : known.filter((label) => label !== 0),
    ...ignored === undefined ? [] : [[OUTSIDE, ...known]],
  ];
}

/** Whether a class is that of all annotated voxels, the only one that includes the outside. */
export function isAnnotated(key: ClassKey): boolean {
  return typeof key === "string" && key.startsWith(`${OUTSIDE},`);
}

/**
 * Draws voxels of each class uniformly and without replacement.
 *
 * The result equals nnU-Net's exactly: seed, generator and order are the same.
 *
 * @param segmentation Labels, (z, y, x).
 * @param classes Classes to locate, in drawing order.
 * @returns For each class that occurs, n positions as consecutive (z, y, x) triples.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/preprocessors/default_preprocessor.py
 */
export function classLocations(
  segmentation: NdArray<SignedLabels>,
  classes: readonly LocatedClass[],
): Map<ClassKey, Int32Array<ArrayBuffer>> {
  const [, height, width] = segmentation.shape;
  const random = createMersenneTwister(SEED);
  const locations = new Map<ClassKey, Int32Array<ArrayBuffer>>();
  const voxelsOf = voxelsByLabel(segmentation.data, [...new Set(classes.flat())]);
  for (const located of classes) {
    const parts = [located].flat().map((label) => voxelsOf.get(label)!);
    const total = parts.reduce((sum, { length }) => sum + length, 0);
    if (total === 0) continue;
    const count = Math.max(
      Math.min(MINIMUM_COUNT, total),
      Math.ceil(total * MINIMUM_FRACTION),
    );
    const positions = new Int32Array(3 * count);
    random.choice(total, count).forEach((chosen, i) => {
      let part = 0;
      while (chosen >= parts[part].length) chosen -= parts[part++].length;
      const voxel = parts[part][chosen];
      const row = Math.floor(voxel / width);
      positions[3 * i] = Math.floor(row / height);
      positions[3 * i + 1] = row % height;
      positions[3 * i + 2] = voxel % width;
    });
    locations.set(typeof located === "number" ? located : located.join(), positions);
  }
  return locations;
}

/** Indices of each label's voxels, ascending. */
function voxelsByLabel(data: SignedLabels, labels: readonly number[]) {
  // Arrays indexed by label + 1, because a map lookup per voxel is slow. The outside (−1) is first.
  const size = Math.max(0, ...labels) - OUTSIDE + 1;
  const forEachVoxel = labels.some((label) => label <= 0) ? forEachOfAll : forEachLabelled;
  const counts = new Int32Array(size);
  // Writes past the end of a typed array are ignored; labels not listed stay empty.
  forEachVoxel(data, (label) => counts[label - OUTSIDE]++);
  const voxels = Array.from(counts, () => new Int32Array(0));
  for (const label of labels) voxels[label - OUTSIDE] = new Int32Array(counts[label - OUTSIDE]);
  const filled = new Int32Array(size);
  forEachVoxel(data, (label, i) => {
    const row = label - OUTSIDE;
    if (row < size) voxels[row][filled[row]++] = i;
  });
  return new Map(labels.map((label) => [label, voxels[label - OUTSIDE]]));
}

function forEachOfAll(
  data: SignedLabels,
  visit: (label: number, index: number) => void,
) {
  for (let i = 0; i < data.length; i++) visit(data[i], i);
}

/**
 * Visits foreground voxels. Most voxels are background, 0 or −1 outside the object, and are skipped
 * four bytes at a time.
 */
function forEachLabelled(
  data: SignedLabels,
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
