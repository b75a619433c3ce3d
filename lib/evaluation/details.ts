/** Computes measures beyond nnU-Net's summary: surfaces, volumes and label confusion. */

import { type Bounds, extentsOf } from "../array/box.ts";
import { sizeOf, type Zyx, zyx } from "../array/nd_array.ts";
import type {
  CaseDetails,
  ClassDetails,
  EvaluationDetails,
  MeanDetails,
} from "../files/details.ts";
import type { LabelOrRegion, Overlap } from "../files/summary.ts";
import type { Segmentation } from "../image/image.ts";
import type { LabelPairs } from "./overlap.ts";
import { compareSurfaces } from "./surface.ts";

/** Options for comparing a case in detail. */
export interface DetailsOptions {
  readonly labels: readonly LabelOrRegion[];
  readonly ignoreLabel?: number;
  /** Surface Dice tolerances in mm, one per entry of `labels`. */
  readonly tolerances: readonly number[];
}

/**
 * Compares the surfaces and volumes of two label maps, class by class. Each class is compared within
 * the box that contains it in both maps.
 *
 * @param overlaps The case's overlaps, one per entry of `labels`.
 */
export function classDetails(
  reference: Segmentation,
  prediction: Segmentation,
  overlaps: readonly Overlap[],
  { labels, ignoreLabel, tolerances }: DetailsOptions,
): ClassDetails[] {
  const { shape, spacing } = reference.geometry;
  const boxes = labelBoxes([reference.data, prediction.data], shape);
  const voxelVolume = spacing[0] * spacing[1] * spacing[2];
  return labels.map((label, index) => {
    const members = [label].flat();
    const box = uniteBoxes(
      members.map((member) => boxes.get(member)).filter((one) => one !== undefined),
      shape,
    );
    const cut = (data: Segmentation["data"], of: readonly number[]) =>
      cutMask(data, shape, box, of);
    const surfaces = compareSurfaces({
      shape: extentsOf(box),
      spacing,
      reference: cut(reference.data, members),
      prediction: cut(prediction.data, members),
      ignored: ignoreLabel === undefined ? undefined : cut(reference.data, [ignoreLabel]),
    }, tolerances[index]);
    const { reference: expected, predicted } = overlaps[index];
    return {
      ...surfaces,
      referenceVolume: expected * voxelVolume,
      predictedVolume: predicted * voxelVolume,
      volumeDifference: (predicted - expected) * voxelVolume,
      relativeVolumeDifference: expected === 0 ? NaN : (predicted - expected) / expected,
    };
  });
}

/** Returns the confusion matrix of the counted labels, (reference label, predicted label). */
export function confusionOf({ labels, counts }: LabelPairs): number[][] {
  const size = labels.length + 1;
  return labels.map((_, row) => [...counts.subarray(row * size, row * size + size - 1)]);
}

/** Averages the cases' details. */
export function summarizeDetails(
  cases: readonly CaseDetails[],
  options: DetailsOptions & { readonly confusionLabels: readonly number[] },
): EvaluationDetails {
  const { labels, tolerances, confusionLabels } = options;
  return {
    labels,
    tolerances,
    cases,
    mean: labels.map((_, index) => meanDetails(cases.map(({ classes }) => classes[index]))),
    confusionLabels,
    confusion: confusionLabels.map((_, row) =>
      confusionLabels.map((_, column) =>
        cases.reduce((sum, { confusion }) => sum + confusion[row][column], 0)
      )
    ),
  };
}

function meanDetails(cases: readonly ClassDetails[]): MeanDetails {
  const present = cases.filter(({ surfaceDice }) => !Number.isNaN(surfaceDice));
  const mean = (valueOf: (each: ClassDetails) => number) => {
    const values = present.map(valueOf).filter(Number.isFinite);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    hausdorff95: mean((each) => each.hausdorff95),
    averageSurfaceDistance: mean((each) => each.averageSurfaceDistance),
    surfaceDice: mean((each) => each.surfaceDice),
    referenceVolume: mean((each) => each.referenceVolume),
    predictedVolume: mean((each) => each.predictedVolume),
    volumeDifference: mean((each) => each.volumeDifference),
    relativeVolumeDifference: mean((each) => each.relativeVolumeDifference),
    absoluteVolumeDifference: mean((each) => Math.abs(each.volumeDifference)),
    unmatched: present.filter(({ hausdorff95 }) => hausdorff95 === Infinity).length,
  };
}

/** {@link Bounds} that grow as voxels are found. */
type GrowingBounds = Zyx<[begin: number, end: number]>;

/** Returns each label's bounding box over several maps. */
function labelBoxes(maps: readonly Segmentation["data"][], shape: Zyx): Map<number, GrowingBounds> {
  const boxes = new Map<number, GrowingBounds>();
  const [, height, width] = shape;
  for (const data of maps) {
    for (let row = 0; row * width < data.length; row++) {
      const [z, y] = [Math.floor(row / height), row % height];
      const begin = row * width;
      for (let x = 0; x < width;) {
        const label = data[begin + x];
        const first = x;
        while (x < width && data[begin + x] === label) x++;
        if (label !== 0) widen(boxes, label, z, y, first, x);
      }
    }
  }
  return boxes;
}

/** Extends a label's box by a run of its voxels. */
function widen(
  boxes: Map<number, GrowingBounds>,
  label: number,
  z: number,
  y: number,
  first: number,
  end: number,
) {
  const box = boxes.get(label);
  if (!box) return boxes.set(label, [[z, z + 1], [y, y + 1], [first, end]]);
  const [planes, rows, columns] = box;
  planes[0] = Math.min(planes[0], z);
  planes[1] = Math.max(planes[1], z + 1);
  rows[0] = Math.min(rows[0], y);
  rows[1] = Math.max(rows[1], y + 1);
  columns[0] = Math.min(columns[0], first);
  columns[1] = Math.max(columns[1], end);
}

/**
 * Returns the box around several boxes, with a margin of one voxel within the volume, because the
 * neighbours of a mask determine its surface.
 */
function uniteBoxes(boxes: readonly Bounds[], shape: Zyx): Bounds {
  if (boxes.length === 0) return [[0, 0], [0, 0], [0, 0]];
  return zyx(shape.map((extent, axis) =>
    [
      Math.max(0, Math.min(...boxes.map((box) => box[axis][0])) - 1),
      Math.min(extent, Math.max(...boxes.map((box) => box[axis][1])) + 1),
    ] as const
  ));
}

/** Returns a mask of the box that is 1 where a voxel has one of the labels. */
function cutMask(
  data: Segmentation["data"],
  [, height, width]: Zyx,
  bounds: Bounds,
  labels: readonly number[],
): Uint8Array {
  const chosen = new Uint8Array(1 << 16);
  for (const label of labels) chosen[label] = 1;
  const [planes, rows, columns] = bounds;
  const mask = new Uint8Array(sizeOf(extentsOf(bounds)));
  let at = 0;
  for (let z = planes[0]; z < planes[1]; z++) {
    for (let y = rows[0]; y < rows[1]; y++) {
      const row = (z * height + y) * width;
      for (let x = columns[0]; x < columns[1]; x++) mask[at++] = chosen[data[row + x]];
    }
  }
  return mask;
}
