/** Draws single slices side by side, for small volumes such as patches. */

import type { Shape } from "../array/nd_array.ts";
import { classColor, hexOf, type Rgb } from "../display/class_colors.ts";
import { type IntensityWindow, paintLabels, paintScan } from "../display/overlay.ts";
import { type Plane, resizeLinear, resizeNearest } from "../display/plane.ts";
import { encodePng, fontFamily, type Raster, svgToPng } from "../display/png.ts";
import { text, textWidth, theme } from "../display/svg_parts.ts";
import { requireKnown } from "../options/require_known.ts";

/** A slice of a volume, as rows of pixels from top to bottom. */
export type Slice = Pick<SlicePanel, "values" | "width" | "height">;

/**
 * Returns the middle slice of a volume, flipped vertically, since the rows of pictures run from top
 * to bottom.
 *
 * @param values Voxels of a volume, (z, y, x) in C order; further volumes are ignored.
 * @param shape Voxels per axis, (z, y, x).
 * @returns The slice's values and size.
 *
 * @example
 * ```ts
 * import { middleSlice } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const slice = middleSlice([0, 1, 2, 3], [1, 2, 2]);
 * assert.deepEqual(slice, { values: Float32Array.of(2, 3, 0, 1), width: 2, height: 2 });
 * ```
 */
export function middleSlice(values: ArrayLike<number>, shape: Shape): Slice {
  const [depth, height, width] = shape;
  const first = (depth >> 1) * height * width;
  const rows = Float32Array.from(
    { length: height * width },
    (_, i) => values[first + (height - 1 - Math.floor(i / width)) * width + i % width],
  );
  return { values: rows, width, height };
}

/** What the colours of a {@link SlicePanel} mean, drawn as a bar below it. */
export interface ColorScale {
  /** What the values are, with their unit; "relative value" by default. */
  readonly label?: string;
  /** Values at the ends, as `colors` takes them; 0 and 1 by default. */
  readonly range?: readonly [low: number, high: number];
  /** Texts at the ends; the values by default. */
  readonly ends?: readonly [low: string, high: string];
}

/** One slice in a row of slices. */
export interface SlicePanel {
  /** Text above the slice. */
  readonly title: string;
  /** Values, (y, x) with y from top to bottom. */
  readonly values: ArrayLike<number>;
  /** Pixels per row. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
  /** Labels of the pixels, drawn in colour over them; 0 and below are background. */
  readonly labels?: ArrayLike<number>;
  /** Values of black and white; the middle 99 % of the first panel's values by default. */
  readonly window?: IntensityWindow;
  /** Colour of a value; grey by default. A bar below the slice shows the scale. */
  readonly colors?: (value: number) => Rgb;
  /** Values and unit of `colors`. */
  readonly scale?: ColorScale;
}

/**
 * Draws slices side by side.
 *
 * @param panels Slices with titles, at least one.
 * @param options.size Pixels of the longer side of a panel, 240 by default.
 * @param options.columns Panels per row, 4 by default.
 * @returns A PNG.
 *
 * @example
 * ```ts
 * import { middleSlice, Output, sliceRow } from "nnunet/notebook";
 *
 * const patch = { shape: [4, 8, 8], data: Float32Array.from({ length: 256 }, (_, i) => i) };
 * const panel = { title: "Patch", ...middleSlice(patch.data, patch.shape) };
 * new Output({ title: "Patch", text: "Patch", png: await sliceRow([panel]) });
 * ```
 */
export async function sliceRow(
  panels: readonly SlicePanel[],
  options: { readonly size?: number; readonly columns?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  requireKnown(options, { size: true, columns: true }, "draw slices");
  const { size = 240, columns = 4 } = options;
  const parts: string[] = [];
  const gap = 10;
  const common = panels[0].window ?? middleOf(panels[0].values);
  let [left, top, rowHeight, right] = [gap, gap, 0, 0];
  for (const [i, panel] of panels.entries()) {
    if (i > 0 && i % columns === 0) [left, top, rowHeight] = [gap, top + rowHeight + gap, 0];
    const scale = size / Math.max(panel.width, panel.height);
    const [width, height] = [panel.width, panel.height].map((side) => Math.round(side * scale));
    const picture = paint(panel, panel.window ?? common, width, height);
    const png = (await encodePng(picture)).toBase64();
    parts.push(
      text(left, top + 14, panel.title, { size: 13 }) +
        `<image x="${left}" y="${top + 22}" width="${width}" height="${height}" ` +
        `href="data:image/png;base64,${png}"/>`,
    );
    let bottom = height + 22;
    if (panel.colors) {
      parts.push(colorBar(panel.colors, panel.scale ?? {}, left, top + bottom + 8, width));
      bottom += BAR_HEIGHT;
    }
    left += Math.max(width, panel.title.length * 7.4) + gap;
    right = Math.max(right, left);
    rowHeight = Math.max(rowHeight, bottom);
  }
  return await svgToPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(right)}" ` +
      `height="${top + rowHeight + gap}" font-family="${fontFamily}">` +
      `<rect width="100%" height="100%" fill="${theme.background}"/>${parts.join("")}</svg>`,
  );
}

/** Height of a colour bar with its texts and the space above it, in pixels. */
const BAR_HEIGHT = 54;
/** Steps of a colour bar, so many that it looks continuous. */
const BAR_STEPS = 64;

/** Draws the colours from the lowest to the highest value, with the values and what they are. */
function colorBar(
  colors: (value: number) => Rgb,
  { label = "relative value", range = [0, 1], ends = [`${range[0]}`, `${range[1]}`] }: ColorScale,
  left: number,
  top: number,
  width: number,
): string {
  const step = width / BAR_STEPS;
  const bar = Array.from({ length: BAR_STEPS }, (_, i) => {
    const value = range[0] + i / (BAR_STEPS - 1) * (range[1] - range[0]);
    return `<rect x="${left + i * step}" y="${top}" width="${step + 0.5}" height="10" ` +
      `fill="${hexOf(colors(value))}"/>`;
  });
  const style = { size: 11 };
  return bar.join("") +
    `<rect x="${left}" y="${top}" width="${width}" height="10" fill="none" ` +
    `stroke="${theme.quiet}" stroke-width="0.5"/>` +
    text(left, top + 24, ends[0], style) +
    text(left + width - textWidth(ends[1], style.size), top + 24, ends[1], style) +
    text(left, top + 40, label, { ...style, color: theme.quiet });
}

function paint(panel: SlicePanel, window: IntensityWindow, width: number, height: number): Raster {
  const plane = (values: ArrayLike<number>): Plane => ({
    width: panel.width,
    height: panel.height,
    data: Float32Array.from(values),
  });
  // Strongly enlarged slices show their pixels; others are smoothed.
  const scan = width > 3 * panel.width
    ? resizeNearest(plane(panel.values), width, height)
    : resizeLinear(plane(panel.values), width, height);
  const raster = paintScan(scan, window);
  if (panel.colors) {
    scan.data.forEach((value, pixel) => raster.data.set(panel.colors!(value), 4 * pixel));
  }
  if (panel.labels) {
    const labels = resizeNearest(plane(panel.labels), width, height);
    labels.data.forEach((label, pixel) => labels.data[pixel] = Math.max(0, label));
    paintLabels(raster, labels, (label) => classColor(label - 1));
  }
  return raster;
}

function middleOf(values: ArrayLike<number>): IntensityWindow {
  const sorted = Float32Array.from(values).sort();
  const at = (fraction: number) => sorted[Math.round(fraction * (sorted.length - 1))];
  return [at(0.005), at(0.995)];
}

/** From black through purple and orange to light yellow, for fractions, weights and errors. */
const heatStops: readonly Rgb[] = [
  [0, 0, 4],
  [59, 15, 112],
  [140, 41, 129],
  [222, 73, 104],
  [254, 159, 109],
  [252, 253, 191],
];

/**
 * Returns the colour of a value on a scale of rising lightness, which is readable with
 * colour-vision deficiency.
 *
 * @param value From 0 to 1; values outside are clipped.
 * @returns Red, green and blue, 0 to 255.
 *
 * @example
 * ```ts
 * import { heat } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([heat(0), heat(1)], [[0, 0, 4], [252, 253, 191]]);
 * ```
 */
export function heat(value: number): Rgb {
  const position = Math.min(1, Math.max(0, value)) * (heatStops.length - 1);
  const from = heatStops[Math.floor(position)];
  const to = heatStops[Math.ceil(position)];
  const share = position - Math.floor(position);
  const mix = (part: 0 | 1 | 2) => Math.round(from[part] + share * (to[part] - from[part]));
  return [mix(0), mix(1), mix(2)];
}
