/** Makes a panel of a row of slices from a volume. */

import type { Shape } from "../array/nd_array.ts";
import type { IntensityWindow } from "../display/overlay.ts";
import { requireKnown } from "../options/require_known.ts";
import { middleSlice, type SlicePanel } from "./slice_picture.ts";

/**
 * Makes a panel for `sliceRow()` of a volume's middle slice.
 *
 * @param title Text above the slice.
 * @param values Voxels of a volume, (z, y, x) in C order; further volumes are ignored.
 * @param shape Voxels per axis, (z, y, x).
 * @param options.labels Labels of the voxels, drawn in colour over them; none by default.
 * @param options.window Values of black and white; by default as `sliceRow()` chooses them.
 * @returns The panel.
 *
 * @example
 * ```ts
 * import { middlePanel } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const panel = middlePanel("patch", [5, 6], [1, 1, 2], { labels: [0, 1] });
 * assert.deepEqual(panel.labels, Float32Array.of(0, 1));
 * ```
 */
export function middlePanel(
  title: string,
  values: ArrayLike<number>,
  shape: Shape,
  options: { readonly labels?: ArrayLike<number>; readonly window?: IntensityWindow } = {},
): SlicePanel {
  requireKnown(options, { labels: true, window: true }, "draw a slice");
  const { labels, window } = options;
  return {
    title,
    ...middleSlice(values, shape),
    labels: labels && middleSlice(labels, shape).values,
    window,
  };
}
