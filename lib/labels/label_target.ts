/** Labels on another grid than the logits', which arrive box by box. */

import { type Labels, newLabels } from "../array/labels.ts";
import type { LinearTaps } from "../array/linear_taps.ts";
import { type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import { type Resampling, splineResampling } from "../files/resampling.ts";
import { type AxisMethods, axisMethods, haveTwoTaps } from "../preprocessing/axis_methods.ts";
import type { LabelRule } from "./label_rule.ts";
import type { LogitsBox } from "./logits_box.ts";
import { forEachPlaneWithin, newVoxels, type Range, tapsBetween } from "./resample_planes.ts";

/** A grid to decide labels on. */
export interface TargetGrid {
  /** (z, y, x) */
  readonly shape: Shape;
  /** Spacing of the logits in mm, (z, y, x). */
  readonly spacing: readonly number[];
  /** Spacing of the labels; both spacings decide whether an axis is resampled separately. */
  readonly newSpacing: readonly number[];
  /** How logits are resampled; linearly by default, as in nnU-Net. */
  readonly resampling?: Resampling;
}

/**
 * Returns how logits are resampled to a grid.
 *
 * @param from Voxels per axis of the logits' grid, (z, y, x).
 * @throws {RangeError} If the plan resamples nothing, and the shapes differ.
 */
export function methodsTo(
  { shape, spacing, newSpacing, resampling = splineResampling.probabilities }: TargetGrid,
  from: Shape,
): AxisMethods {
  return axisMethods(resampling, { from, to: shape, spacing, newSpacing });
}

const whole: Share = { index: 0, of: 1 };

/** One thread's share of the work: thread `index` of `of`, counted from 0. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** A label map that is filled as logits arrive. */
export class LabelTarget<B extends ArrayBufferLike = ArrayBuffer> {
  readonly labels: Labels<B>;
  readonly #shape: Shape;
  readonly #taps: Zyx<LinearTaps>;
  readonly #rule: LabelRule;

  /**
   * @param from Voxels per axis of the logits' grid, (z, y, x).
   * @param grid The labels' grid, to which resampling takes at most two voxels per axis.
   * @param rule Decides the labels.
   * @param labels The array to fill, one label per voxel of `grid`, of a type that holds the
   * rule's highest label.
   */
  constructor(
    from: Shape,
    grid: TargetGrid,
    rule: LabelRule,
    labels: Labels<B>,
  ) {
    const methods = methodsTo(grid, from);
    if (!haveTwoTaps(methods, from, grid.shape)) {
      throw new TypeError("Cannot decide labels box by box: expected resampling by two voxels");
    }
    this.#shape = grid.shape;
    this.#taps = tapsBetween(from, grid.shape, methods);
    this.#rule = rule;
    this.labels = labels;
  }

  /** Creates a target with a new label map. */
  static of(from: Shape, grid: TargetGrid, rule: LabelRule): LabelTarget {
    const labels = newLabels(rule.highestLabel, sizeOf(grid.shape));
    return new LabelTarget(from, grid, rule, labels);
  }

  /**
   * Decides all labels that can be interpolated now that the box is known, or a share of their
   * planes.
   *
   * @param box Logits, with one voxel of earlier boxes along each axis where the box does not begin
   * the volume.
   * @param share This thread's share of the planes; all of them by default.
   */
  add({ origin, shape: [heads, ...size], data }: LogitsBox, { index, of }: Share = whole): void {
    const [[begin, end], rows, columns] = this.#taps.map((taps, axis): Range =>
      newVoxels(taps, [
        origin[axis] === 0 ? 0 : origin[axis] + 1,
        origin[axis] + size[axis],
      ])
    );
    const [, height, width] = this.#shape;
    const length = columns[1] - columns[0];
    const depths: Range = [
      begin + Math.floor((end - begin) * index / of),
      begin + Math.floor((end - begin) * (index + 1) / of),
    ];
    const plane = newLabels(this.#rule.highestLabel, (rows[1] - rows[0]) * length);
    if (plane.length === 0) return;
    const decide = this.#rule.decide(plane);
    forEachPlaneWithin(
      { shape: [heads, ...size], data },
      origin,
      this.#taps,
      [depths, rows, columns],
      (z, head, logits) => {
        decide(head, logits);
        if (head < heads - 1) return;
        for (let y = rows[0], from = 0; y < rows[1]; y++, from += length) {
          this.labels.set(
            plane.subarray(from, from + length),
            (z * height + y) * width + columns[0],
          );
        }
      },
    );
  }
}
