/** Renders a scan, its ground truth, a prediction and its errors side by side. */

import { sameShape } from "../array/nd_array.ts";
import type { Image, Segmentation } from "../image/image.ts";
import { requireImage, requireSegmentation } from "../image/require_image.ts";
import { type View, viewsOf } from "./anatomical_views.ts";
import { busiestSlices } from "./busiest_slices.ts";
import { classColor, unnamedColor } from "./class_colors.ts";
import { type IntensityWindow, paintErrors, paintLabels, paintScan } from "./overlay.ts";
import { cutPlane, type Plane, resizeLinear, resizeNearest } from "./plane.ts";
import { encodePng, fontFamily, type Raster, svgToPng } from "./png.ts";
import {
  drawLegend,
  errorItems,
  type LegendItem,
  mark,
  text,
  textWidth,
  theme,
} from "./svg_parts.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { yieldToEventLoop } from "../runtime/event_loop.ts";

/** Options of {@link renderComparison}. */
export interface ComparisonOptions {
  /** The scan. */
  readonly image: Image;
  /** The ground truth, on the scan's grid. */
  readonly truth?: Segmentation;
  /** The prediction, on the scan's grid. */
  readonly prediction?: Segmentation;
  /**
   * Names of labels 1, 2, …. Other labels, such as an ignore label, are drawn in grey, and voxels
   * with such a label in the truth never count as errors.
   */
  readonly classNames: readonly string[];
  /** Dice per class, in the order of `classNames`; NaN for a class without one. */
  readonly dice?: readonly number[];
  /** Text above the picture. */
  readonly title: string;
  /** Channel of the image; the first by default. */
  readonly channel?: number;
  /** Values shown as black and white; by default, the slices' 0.5th and 99.5th percentiles. */
  readonly window?: IntensityWindow;
}

const action = "render comparison";
const comparisonOptions: KnownOptions<ComparisonOptions> = {
  image: true,
  truth: true,
  prediction: true,
  classNames: true,
  dice: true,
  title: true,
  channel: true,
  window: true,
};

/** Lengths in pixels. */
const layout = {
  /** Maximum width, with four columns. */
  width: 1200,
  /** Maximum column width; with fewer columns, the picture becomes narrower. */
  cellWidth: 380,
  margin: 24,
  gap: 10,
  header: 92,
  /** Maximum panel height, so that a whole-body scan does not exceed the screen. */
  panelHeight: 420,
};

/**
 * Renders axial, coronal and sagittal slices as rows, and the scan, truth, prediction and error map,
 * if given, as columns.
 *
 * Each view shows the slice with the most foreground in the truth (or the prediction if there is no
 * truth), in true proportions and radiological convention; see {@link viewsOf}.
 *
 * @param options The scan, its label maps, and the text of title and legend.
 * @param size Width of the picture in pixels; its natural width by default.
 * @returns A PNG, about 1200 pixels wide with all four columns.
 * @throws {TypeError} If an option is unknown, or the image or a segmentation lacks values or
 * geometry.
 * @throws {RangeError} If a segmentation's shape differs from the image's, or the channel does not
 * exist.
 *
 * @example A scan with its ground truth
 * ```ts
 * import assert from "node:assert/strict";
 * import { imageFrom, renderComparison, segmentationFrom } from "nnunet";
 *
 * const grid = { shape: [2, 4, 4], spacing: [3, 1, 1] };
 * const image = imageFrom(Float32Array.from({ length: 32 }, (_, i) => i), grid);
 * const truth = segmentationFrom(Uint8Array.from({ length: 32 }, (_, i) => i % 2), grid);
 * const png = await renderComparison({
 *   image,
 *   truth,
 *   classNames: ["stripes"],
 *   title: "A test image",
 * });
 * assert.equal(new TextDecoder().decode(png.subarray(1, 4)), "PNG");
 * ```
 */
export async function renderComparison(
  options: ComparisonOptions,
  size: { readonly width?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  requireKnown(options, comparisonOptions, action);
  requireComparable(options);
  const { image, truth, prediction } = options;
  const views = viewsOf(image.geometry);
  const positions = busiestSlices([truth?.data, prediction?.data], image.geometry.shape);

  const titles = ["Image"];
  if (truth) titles.push("Ground truth");
  if (prediction) titles.push("Prediction");
  if (truth && prediction) titles.push("Errors");
  const { margin, gap, header } = layout;
  const columnsWidth = layout.width - 2 * margin + gap;
  const cellWidth = Math.min(layout.cellWidth, Math.floor(columnsWidth / titles.length) - gap);
  const width = 2 * margin + Math.max(
    titles.length * (cellWidth + gap) - gap,
    Math.ceil(textWidth(options.title, 22) * 1.15), // Bold is wider.
  );
  const scale = pixelsPerMillimetre(views, image, cellWidth);
  const slices = views.map((view) => cutSlices(options, view, positions[view.through], scale));
  const window = options.window ?? percentileWindow(slices.map((slice) => slice.voxels));

  const cellLeft = (column: number) => margin + column * (cellWidth + gap);
  const parts = titles.map((title, column) =>
    text(cellLeft(column), header - 12, title, { size: 15, color: theme.quiet })
  );
  parts.push(text(margin, 42, options.title, { size: 22, bold: true }));
  let top = header;
  for (const [row, view] of views.entries()) {
    const panels = paintPanels(options, slices[row], window);
    for (const [column, panel] of panels.entries()) {
      parts.push(await drawPanel(panel, view, cellLeft(column), top, cellWidth));
    }
    await yieldToEventLoop(); // A picture takes a tenth of a second.
    const depth = image.geometry.shape[view.through];
    const caption = `${view.name}  ${positions[view.through] + 1}/${depth}`;
    if (view.name !== "image") parts.push(mark(cellLeft(0) + 8, top + 19, caption));
    top += panels[0].height + gap;
  }

  const hasErrors = titles.length === 4;
  // Below the panels that they explain: classes are not what the last column's colours mean.
  const classes = drawLegend(
    classItems(options),
    titles.length > 1 ? cellLeft(1) : margin,
    top + 22,
    hasErrors ? cellLeft(3) - gap : width - margin,
  );
  const errors = drawLegend(hasErrors ? errorItems : [], cellLeft(3), top + 22, width);
  const height = Math.max(top + margin - gap, classes.bottom + 14, errors.bottom + 14);
  return svgToPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `font-family="${fontFamily}"><rect width="100%" height="100%" fill="${theme.background}"/>` +
      parts.join("") + classes.svg + errors.svg + "</svg>",
    size,
  );
}

function requireComparable({ image, truth, prediction, channel = 0 }: ComparisonOptions) {
  requireImage(image, action);
  for (const [name, segmentation] of Object.entries({ truth, prediction })) {
    if (!segmentation) continue;
    requireSegmentation(segmentation, action, name);
    if (!sameShape(segmentation.geometry.shape, image.geometry.shape)) {
      throw new RangeError(
        `Cannot ${action}: ${name} has shape (z, y, x) ` +
          `[${segmentation.geometry.shape}], expected the image's [${image.geometry.shape}]`,
      );
    }
  }
  if (!Number.isInteger(channel) || channel < 0 || channel >= image.channels) {
    throw new RangeError(
      `Cannot ${action}: channel is ${channel}, expected 0 to ${image.channels - 1}`,
    );
  }
}

/** Returns a common scale for all views, so that a structure has the same size in each. */
function pixelsPerMillimetre(views: readonly View[], { geometry }: Image, cellWidth: number) {
  const extent = (axis: number) => geometry.shape[axis] * geometry.spacing[axis];
  return Math.min(
    ...views.map(({ across, down }) =>
      Math.min(cellWidth / extent(across.axis), layout.panelHeight / extent(down.axis))
    ),
  );
}

/** The slices of one row, at the picture's size; `voxels` at the scan's size. */
interface Slices {
  readonly voxels: Plane;
  readonly scan: Plane;
  readonly truth?: Plane;
  readonly prediction?: Plane;
}

function cutSlices(options: ComparisonOptions, view: View, position: number, scale: number) {
  const { image: { geometry, data }, channel = 0, truth, prediction } = options;
  const { shape, spacing } = geometry;
  const pixels = (axis: number) => Math.max(1, Math.round(shape[axis] * spacing[axis] * scale));
  const [width, height] = [pixels(view.across.axis), pixels(view.down.axis)];
  const size = shape[0] * shape[1] * shape[2];
  const values = data.subarray(channel * size, (channel + 1) * size);
  const voxels = cutPlane(values, shape, view, position);
  const labels = (segmentation?: Segmentation) =>
    segmentation &&
    resizeNearest(cutPlane(segmentation.data, shape, view, position), width, height);
  return {
    voxels,
    scan: resizeLinear(voxels, width, height),
    truth: labels(truth),
    prediction: labels(prediction),
  };
}

/** Returns the range of the middle 99 % of values, so that a few bright voxels do not darken the rest. */
function percentileWindow(planes: readonly Plane[]): IntensityWindow {
  const values = new Float32Array(planes.reduce((sum, { data }) => sum + data.length, 0));
  let filled = 0;
  for (const { data } of planes) {
    values.set(data, filled);
    filled += data.length;
  }
  values.sort();
  const at = (fraction: number) => values[Math.round(fraction * (values.length - 1))];
  return [at(0.005), at(0.995)];
}

function paintPanels(options: ComparisonOptions, slices: Slices, window: IntensityWindow) {
  const { classNames } = options;
  const { scan, truth, prediction } = slices;
  const isNamed = (label: number) => label <= classNames.length;
  const colorOf = (label: number) => isNamed(label) ? classColor(label - 1) : unnamedColor;
  const panels = [paintScan(scan, window)];
  for (const labels of [truth, prediction]) {
    if (!labels) continue;
    const panel = paintScan(scan, window);
    paintLabels(panel, labels, colorOf);
    panels.push(panel);
  }
  if (truth && prediction) {
    const panel = paintScan(scan, window, 0.55);
    paintErrors(panel, truth, prediction, (label) => !isNamed(label));
    panels.push(panel);
  }
  return panels;
}

/** Draws a panel centred in its cell, with the patient's sides at its edges. */
async function drawPanel(panel: Raster, view: View, left: number, top: number, cellWidth: number) {
  const { width, height } = panel;
  const x = left + Math.floor((cellWidth - width) / 2);
  const png = (await encodePng(panel)).toBase64();
  const [start, end] = view.across.sides ?? [];
  const middle = top + height / 2 + 5;
  return `<rect x="${left}" y="${top}" width="${cellWidth}" height="${height}" ` +
    `fill="${theme.panel}"/>` +
    `<image x="${x}" y="${top}" width="${width}" height="${height}" ` +
    `image-rendering="optimizeSpeed" href="data:image/png;base64,${png}"/>` +
    (start ? mark(left + 8, middle, start) : "") +
    (end ? mark(left + cellWidth - 8, middle, end, "end") : "");
}

/** Returns legend items for the classes present in either segmentation, often few of many. */
function classItems({ truth, prediction, classNames, dice }: ComparisonOptions): LegendItem[] {
  const present = new Uint8Array(1 << 16);
  for (const segmentation of [truth, prediction]) {
    const labels = segmentation?.data ?? [];
    for (let voxel = 0; voxel < labels.length; voxel++) present[labels[voxel]] = 1;
  }
  return classNames.flatMap((name, index) => {
    if (!present[index + 1]) return [];
    const score = dice?.[index] ?? NaN;
    const label = Number.isNaN(score) ? name : `${name}  ${score.toFixed(3)}`;
    return [{ label, color: classColor(index) }];
  });
}
