/** Scans and label maps in three planes, to be paged through in a page. */

import { sameShape, type Zyx } from "../array/nd_array.ts";
import { type View, viewsOf } from "../display/anatomical_views.ts";
import { classColor, type Rgb } from "../display/class_colors.ts";
import { errorColors, type IntensityWindow } from "../display/overlay.ts";
import { busiestSlices, renderComparison } from "../display/slices.ts";
import { theme } from "../display/svg_parts.ts";
import { compareLabels } from "../evaluation/overlap.ts";
import type { Geometry, Image, Segmentation } from "../image/image.ts";
import { requireImage, requireSegmentation } from "../image/require_image.ts";
import { blockLabels, blockMeans, coarseShape, strideFor } from "./coarsen.ts";
import { imageTag, liveElement, Output } from "./output.ts";
import { type PackedLabels, type PackedScan, packLabels, packScan } from "./pack_voxels.ts";
import { thriftyPng } from "./still_picture.ts";
import script from "./volume_viewer.js" with { type: "text" };

/** Voxels that a page holds at most. */
const MAX_VOXELS = 144 ** 3;
/** Characters that a figure takes at most: less than a megabyte with what surrounds it. */
const MAX_CHARACTERS = 980_000;
/** Pixels across the still picture. */
const STILL_WIDTH = 720;

/** How to show a volume. */
export interface VolumeOptions {
  readonly title?: string;
  /** Name of label i + 1 at position i. Other labels are drawn in grey. */
  readonly classNames?: readonly string[];
  /** Channel of the image; the first unless given. */
  readonly channel?: number;
  /**
   * Values shown as black and white at first, and the darkest and brightest that can be told
   * apart; the middle 99 % of all values, with some room beside them, unless given.
   */
  readonly window?: IntensityWindow;
  /** Opacity of the overlay at first, 0.4 by default. */
  readonly opacity?: number;
}

const action = "show the volume";

/** What {@link volumeView} shows. */
export interface VolumeViewOptions extends VolumeOptions {
  readonly image: Image;
  readonly truth?: Segmentation;
  readonly prediction?: Segmentation;
  /** Dice per class, in the order of `classNames`; computed if there are truth and prediction. */
  readonly dice?: readonly number[];
}

/** What the viewer's script takes. */
interface ViewerData {
  readonly title: string;
  /** (z, y, x) of the grid in the page; `stride` voxels of the `fullShape` make one of its. */
  readonly shape: Zyx;
  readonly stride: Zyx;
  readonly fullShape: Zyx;
  /** mm of the grid in the page. */
  readonly spacing: readonly number[];
  readonly views: readonly View[];
  /** (z, y, x) voxel that the planes go through. */
  readonly cursor: readonly number[];
  readonly window: IntensityWindow;
  readonly opacity: number;
  readonly scan: PackedScan;
  readonly overlays: readonly (PackedLabels & { readonly name: string })[];
  readonly layers: readonly Layer[];
  /** Layer shown at first. */
  readonly layer: number;
  readonly classes: readonly {
    readonly label: number;
    readonly name: string;
    readonly color: Rgb;
    readonly dice?: number;
  }[];
  readonly unnamed: Rgb;
  readonly errorColors: Readonly<Record<"missed" | "added" | "wrong", Rgb>>;
}

/** What lies on the scan. */
type Layer =
  | { readonly kind: "none"; readonly name: string }
  | { readonly kind: "labels"; readonly name: string; readonly overlay: number }
  | {
    readonly kind: "errors";
    readonly name: string;
    readonly compared: readonly [truth: number, prediction: number];
  };

/**
 * A viewer of one scan with the label maps on it: three planes with sliders and one cursor, level
 * and window, the overlay's opacity, classes to be switched off, Dice, and errors.
 *
 * Its output is a page's part that needs no server and no library; a still picture stands in
 * where no script may run. It stays below a megabyte: noise that does not fit is shown in fewer
 * grey levels, and volumes of more than 128³ voxels on a coarser grid, as its caption says.
 *
 * @throws {TypeError} If the image or a segmentation lacks values or geometry.
 * @throws {RangeError} If a segmentation's shape differs from the image's, or the channel does not
 * exist.
 */
export async function volumeView(options: VolumeViewOptions): Promise<Output> {
  const { image, truth, prediction, title = "Volume", channel = 0, opacity = 0.4 } = options;
  requireImage(image, action);
  const { shape, spacing } = image.geometry;
  const overlays = [
    ...truth ? [{ name: prediction ? "Ground truth" : "Labels", map: truth }] : [],
    ...prediction ? [{ name: "Prediction", map: prediction }] : [],
  ];
  for (const { name, map } of overlays) {
    requireSegmentation(map, action, name.toLowerCase());
    if (sameShape(map.geometry.shape, shape)) continue;
    throw new RangeError(
      `Cannot ${action}: ${name.toLowerCase()} has shape (z, y, x) [${map.geometry.shape}], ` +
        `expected the image's [${shape}]`,
    );
  }
  if (!Number.isInteger(channel) || channel < 0 || channel >= image.channels) {
    throw new RangeError(
      `Cannot ${action}: channel is ${channel}, expected 0 to ${image.channels - 1}`,
    );
  }
  const size = shape[0] * shape[1] * shape[2];
  const values = image.data.subarray(channel * size, (channel + 1) * size);
  const present = presentLabels(overlays.map(({ map }) => map));
  const classNames = options.classNames ?? defaultNames(present);
  const dice = options.dice ??
    (truth && prediction
      ? compareLabels(truth.data, prediction.data, classNames.map((_, i) => i + 1)).map((overlap) =>
        overlap.dice
      )
      : undefined);
  const window = options.window ?? quantiles(values, 0.005, 0.995);
  const layers: Layer[] = overlays.map(({ name }, overlay) => ({ kind: "labels", name, overlay }));
  if (overlays.length === 2) layers.push({ kind: "errors", name: "Errors", compared: [0, 1] });

  const comparison = { image, truth, prediction, classNames, dice, title, channel, window };
  const still = await thriftyPng(await renderComparison(comparison, { width: STILL_WIDTH }));
  const range = options.window ?? quantiles(values, 0.001, 0.999);
  const packed = await packVolume(image.geometry, values, range, overlays, still.length * 4 / 3);
  const { stride } = packed;

  const data: ViewerData = {
    ...packed,
    title,
    fullShape: shape,
    spacing: spacing.map((one, axis) => one * stride[axis]),
    views: viewsOf(image.geometry),
    cursor: busiestSlices([truth, prediction], shape).map((voxel, axis) =>
      Math.floor(voxel / stride[axis])
    ),
    window,
    opacity,
    layers: [{ kind: "none", name: "Image" }, ...layers],
    layer: overlays.length, // The prediction, or the only label map, or the scan alone.
    classes: classNames.flatMap((name, i) => {
      if (!present.has(i + 1)) return [];
      const score = dice?.[i];
      return {
        label: i + 1,
        name,
        color: classColor(i),
        ...score === undefined || Number.isNaN(score) ? {} : { dice: score },
      };
    }),
    unnamed: theme.unnamed,
    errorColors: {
      missed: errorColors.missed,
      added: errorColors.added,
      wrong: errorColors["wrong class"],
    },
  };
  const text = describe(data, spacing);
  return new Output({
    title,
    text,
    html: liveElement({ script, open: "openViewer", data, fallback: imageTag(still, text) }),
    draw: () => renderComparison(comparison),
  });
}

/** Packs scan and label maps into the room that the still picture leaves, coarser if need be. */
async function packVolume(
  { shape, spacing }: Geometry,
  values: Float32Array,
  range: IntensityWindow,
  overlays: readonly { readonly name: string; readonly map: Segmentation }[],
  taken: number,
): Promise<Pick<ViewerData, "shape" | "stride" | "scan" | "overlays">> {
  for (let limit = MAX_VOXELS;; limit /= 2) {
    const stride = strideFor(shape, spacing, limit);
    const isWhole = stride.every((step) => step === 1);
    const labels = await Promise.all(
      overlays.map(async ({ name, map: { data } }) => ({
        name,
        ...await packLabels(isWhole ? data : blockLabels(data, shape, stride)),
      })),
    );
    const room = MAX_CHARACTERS - taken - script.length -
      labels.reduce((sum, { voxels }) => sum + voxels.length, 0);
    const scan = await packScan(isWhole ? values : blockMeans(values, shape, stride), range, room);
    if (scan) return { shape: coarseShape(shape, stride), stride, scan, overlays: labels };
  }
}

/** `Volume: 64 × 80 × 64 voxels of 1 × 1 × 1 mm; cortical gray (Dice 0.912)` */
function describe({ title, fullShape, classes }: ViewerData, spacing: Zyx): string {
  const millimetres = spacing.map((one) => +one.toFixed(3)).join(" × ");
  const voxels = `${fullShape.join(" × ")} voxels of ${millimetres} mm`;
  const names = classes.map(({ name, dice }) =>
    dice === undefined ? name : `${name} (Dice ${dice.toFixed(3)})`
  );
  return [`${title}: ${voxels}`, ...names.length > 0 ? [names.join(", ")] : []].join("; ");
}

function presentLabels(maps: readonly Segmentation[]): Set<number> {
  const present = new Uint8Array(1 << 16);
  for (const { data } of maps) {
    for (let voxel = 0; voxel < data.length; voxel++) present[data[voxel]] = 1;
  }
  return new Set(Array.from(present.keys()).filter((label) => label > 0 && present[label]));
}

/** Names for labels without: at most the first 64, so that a stray 255 makes no list of 255. */
function defaultNames(present: ReadonlySet<number>): string[] {
  const last = Math.max(0, ...[...present].filter((label) => label <= 64));
  return Array.from({ length: last }, (_, i) => `class ${i + 1}`);
}

/** Quantiles of up to about 100 000 values, evenly picked. */
function quantiles(values: Float32Array, low: number, high: number): IntensityWindow {
  const stride = Math.max(1, Math.floor(values.length / 100_000));
  const picked = Float32Array.from(
    { length: Math.ceil(values.length / stride) },
    (_, i) => values[i * stride],
  ).sort();
  const at = (fraction: number) => picked[Math.round(fraction * (picked.length - 1))];
  return [at(low), at(high)];
}
