/** Data of the viewer of volumes, `volume_viewer.js`. */

import type { Labels } from "../array/labels.ts";
import type { Zyx } from "../array/nd_array.ts";
import type { Geometry } from "../image/image.ts";
import { type View, viewsOf } from "./anatomical_views.ts";
import { type Rgb, unnamedColor } from "./class_colors.ts";
import { coarseShape } from "./coarsen.ts";
import { errorColors, type IntensityWindow } from "./overlay.ts";

/** Bytes: as they are, or as gzip in base64 where they are part of a page's text. */
export type ViewerBytes = Uint8Array<ArrayBuffer> | string;

/** A scan in grey levels. */
export interface ViewerScan {
  /** Levels 0 to 255, (z, y, x) in C order. */
  readonly voxels: ViewerBytes;
  /** Values of the levels 0 and 255. */
  readonly range: IntensityWindow;
}

/** A label map, and what it is. */
export interface ViewerLabels {
  readonly name: string;
  /** Labels, (z, y, x) in C order, little endian. */
  readonly voxels: ViewerBytes;
  /** Bytes per voxel. */
  readonly bytes: 1 | 2;
}

/** A class in the viewer's legend. */
export interface ViewerClass {
  readonly label: number;
  readonly name: string;
  readonly color: Rgb;
  /** Its Dice, if there is a truth. */
  readonly dice?: number;
}

/** A drawing over the scan. */
export type ViewerLayer =
  | { readonly kind: "none"; readonly name: string }
  | { readonly kind: "labels"; readonly name: string; readonly overlay: number }
  | {
    readonly kind: "errors";
    readonly name: string;
    readonly compared: readonly [truth: number, prediction: number];
  };

/** What the viewer shows, and how it starts. */
export interface ViewedVolume {
  readonly title: string;
  /** Grid of the volume. */
  readonly geometry: Geometry;
  /** Voxels of the volume per voxel of the viewer, along (z, y, x). */
  readonly stride: Zyx;
  /** Voxel of the viewer that the planes initially intersect, (z, y, x). */
  readonly cursor: Zyx;
  /** Values initially shown as black and white. */
  readonly window: IntensityWindow;
  /** Initial opacity of the overlay. */
  readonly opacity: number;
  readonly scan: ViewerScan;
  /** At most two label maps: of two, the first is the truth and the second the prediction. */
  readonly overlays: readonly ViewerLabels[];
  readonly classes: readonly ViewerClass[];
}

/** Data for the viewer's script. */
export interface ViewerData extends Omit<ViewedVolume, "geometry"> {
  /** Voxels per axis of the viewer's grid, (z, y, x). */
  readonly shape: Zyx;
  /** Voxels per axis of the volume, (z, y, x). */
  readonly fullShape: Zyx;
  /** Millimetres per axis of the viewer's grid, (z, y, x). */
  readonly spacing: readonly number[];
  readonly views: readonly View[];
  readonly layers: readonly ViewerLayer[];
  /** Index of the layer initially shown. */
  readonly layer: number;
  readonly unnamed: Rgb;
  readonly errorColors: Readonly<Record<"missed" | "added" | "wrong", Rgb>>;
}

/** Returns the data for the viewer's script. */
export function viewerData({ geometry, ...volume }: ViewedVolume): ViewerData {
  const { stride, overlays } = volume;
  const labelLayers = overlays.map(({ name }, overlay): ViewerLayer => ({
    kind: "labels",
    name,
    overlay,
  }));
  const errors: ViewerLayer = { kind: "errors", name: "Errors", compared: [0, 1] };
  return {
    ...volume,
    shape: coarseShape(geometry.shape, stride),
    fullShape: geometry.shape,
    spacing: geometry.spacing.map((one, axis) => one * stride[axis]),
    views: viewsOf(geometry),
    layers: [
      { kind: "none", name: "Image" },
      ...labelLayers,
      ...overlays.length === 2 ? [errors] : [],
    ],
    layer: overlays.length, // The prediction, else the only label map, else the scan.
    unnamed: unnamedColor,
    errorColors: {
      missed: errorColors.missed,
      added: errorColors.added,
      wrong: errorColors["wrong class"],
    },
  };
}

/** Returns labels as bytes, with one byte per voxel if all are at most 255. */
export function labelBytes(
  labels: Labels,
): { readonly voxels: Uint8Array<ArrayBuffer>; readonly bytes: 1 | 2 } {
  const isWide = labels instanceof Uint16Array && labels.some((label) => label > 255);
  const stored = isWide ? labels : Uint8Array.from(labels);
  const voxels = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return { voxels, bytes: isWide ? 2 : 1 };
}
