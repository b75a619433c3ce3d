/** Shows scans and label maps in three planes with sliders. */

import { sameShape, type Zyx, zyx } from "../array/nd_array.ts";
import { busiestSlices } from "../display/busiest_slices.ts";
import { classColor } from "../display/class_colors.ts";
import { blockLabels, blockMeans, strideFor } from "../display/coarsen.ts";
import { quantiles } from "../display/grey_levels.ts";
import type { IntensityWindow } from "../display/overlay.ts";
import { renderComparison } from "../display/slices.ts";
import { type ViewerData, viewerData } from "../display/viewer_data.ts";
import script from "../display/volume_viewer.js" with { type: "text" };
import { compareLabels } from "../evaluation/overlap.ts";
import type { Geometry, Image, Segmentation } from "../image/image.ts";
import { requireImage, requireSegmentation } from "../image/require_image.ts";
import { imageTag, liveElement, Output } from "./output.ts";
import { packLabels, packScan } from "./pack_voxels.ts";
import { thriftyPng } from "./still_picture.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { requireList, text } from "../options/require_value.ts";

/** Largest number of voxels in a page. */
const MAX_VOXELS = 144 ** 3;
/** Largest number of characters of an output, which leaves room for its wrapping below 1 MB. */
const MAX_CHARACTERS = 980_000;
/** Width of the still picture in pixels. */
const STILL_WIDTH = 720;

/** Options for showing a volume. */
export interface VolumeOptions {
  /** Title, `Volume` by default. */
  readonly title?: string;
  /** Names of the labels 1, 2, …; further labels are drawn in grey. */
  readonly classNames?: readonly string[];
  /** Channel of the image, 0 by default. */
  readonly channel?: number;
  /**
   * Values initially shown as black and white, which also bound the values in the page. By default,
   * the middle 99 % of all values are shown and the middle 99.8 % are in the page.
   */
  readonly window?: IntensityWindow;
  /** Initial opacity of the overlay, 0.4 by default. */
  readonly opacity?: number;
}

/** Names of {@link VolumeOptions}. */
export const volumeOptions: KnownOptions<VolumeOptions> = {
  title: true,
  classNames: true,
  channel: true,
  window: true,
  opacity: true,
};

const action = "show the volume";

/** Options of {@link volumeView}. */
export interface VolumeViewOptions extends VolumeOptions {
  /** The scan. */
  readonly image: Image;
  /** Ground truth. */
  readonly truth?: Segmentation;
  /** Prediction. */
  readonly prediction?: Segmentation;
  /** Dice per class, in the order of `classNames`; computed by default if both maps are given. */
  readonly dice?: readonly number[];
}

const volumeViewOptions: KnownOptions<VolumeViewOptions> = {
  ...volumeOptions,
  image: true,
  truth: true,
  prediction: true,
  dice: true,
};

/**
 * Makes a viewer of a scan with label maps over it: three planes with sliders and a common cursor,
 * controls for level, window, opacity and classes, Dice, and errors.
 *
 * The output needs no server and no library. If scripts are blocked, it shows a still picture. It
 * stays below 1 MB: noise that does not fit is shown in fewer grey levels, and volumes of more than
 * 144³ voxels on a coarser grid.
 *
 * @param options The scan, label maps, and how to show them.
 * @returns The output.
 * @throws {TypeError} If the image or a segmentation lacks values or geometry, or `classNames` is no
 * list.
 * @throws {RangeError} If a segmentation's shape differs from the image's, or the channel does not
 * exist.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { imageFrom, segmentationFrom } from "nnunet";
 * import { volumeView } from "nnunet/notebook";
 *
 * const grid = { shape: [4, 4, 4], spacing: [2, 1, 1] } as const;
 * const image = imageFrom(new Float32Array(64), grid);
 * const truth = segmentationFrom(new Uint8Array(64).fill(1), grid);
 * const prediction = segmentationFrom(new Uint8Array(64).fill(1), grid);
 * const { text } = await volumeView({ image, truth, prediction, classNames: ["tumour"] });
 * assert.equal(text, "Volume: 4 × 4 × 4 voxels of 2 × 1 × 1 mm; tumour (Dice 1.000)");
 * ```
 */
export async function volumeView(options: VolumeViewOptions): Promise<Output> {
  requireKnown(options, volumeViewOptions, action);
  const { image, truth, prediction, title = "Volume", channel = 0, opacity = 0.4 } = options;
  requireImage(image, action);
  requireClassNames(options.classNames, action);
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

  const comparison = { image, truth, prediction, classNames, dice, title, channel, window };
  const still = await thriftyPng(await renderComparison(comparison, { width: STILL_WIDTH }));
  const range = options.window ?? quantiles(values, 0.001, 0.999);
  const packed = await packVolume(image.geometry, values, range, overlays, still.length * 4 / 3);

  const data = viewerData({
    ...packed,
    title,
    geometry: image.geometry,
    cursor: zyx(
      busiestSlices([truth?.data, prediction?.data], shape).map((voxel, axis) =>
        Math.floor(voxel / packed.stride[axis])
      ),
    ),
    window,
    opacity,
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
  });
  const text = describe(data, spacing);
  return new Output({
    title,
    text,
    html: liveElement({ script, open: "openViewer", data, fallback: imageTag(still, text) }),
    draw: () => renderComparison(comparison),
  });
}

/**
 * Compresses scan and label maps into the space left by the still picture, on a coarser grid if
 * necessary.
 *
 * @param taken Characters of the still picture.
 */
async function packVolume(
  { shape, spacing }: Geometry,
  values: Float32Array,
  range: IntensityWindow,
  overlays: readonly { readonly name: string; readonly map: Segmentation }[],
  taken: number,
): Promise<Pick<ViewerData, "stride" | "scan" | "overlays">> {
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
    if (scan) return { stride, scan, overlays: labels };
  }
}

/** Formats a caption like `Volume: 64 × 80 × 64 voxels of 1 × 1 × 1 mm; cortical gray (Dice 0.912)` */
function describe({ title, fullShape, classes }: ViewerData, spacing: Zyx): string {
  const millimetres = spacing.map((one) => +one.toFixed(3)).join(" × ");
  const voxels = `${fullShape.join(" × ")} voxels of ${millimetres} mm`;
  const names = classes.map(({ name, dice }) =>
    dice === undefined ? name : `${name} (Dice ${dice.toFixed(3)})`
  );
  return [`${title}: ${voxels}`, ...names.length > 0 ? [names.join(", ")] : []].join("; ");
}

export function presentLabels(maps: readonly Segmentation[]): Set<number> {
  const present = new Uint8Array(1 << 16);
  for (const { data } of maps) {
    for (let voxel = 0; voxel < data.length; voxel++) present[data[voxel]] = 1;
  }
  return new Set(Array.from(present.keys()).filter((label) => label > 0 && present[label]));
}

/** Names unnamed labels, at most 64, so that a stray 255 does not make a list of 255. */
export function defaultNames(present: ReadonlySet<number>): string[] {
  const last = Math.max(0, ...[...present].filter((label) => label <= 64));
  return Array.from({ length: last }, (_, i) => `class ${i + 1}`);
}

/** @throws {TypeError} If names are given that are no list of strings. */
export function requireClassNames(classNames: unknown, action: string): void {
  if (classNames === undefined) return;
  const rule = { ...text, holds: undefined };
  requireList(classNames, rule, action, "classNames", 'a list of names, as ["tumour"]');
}
