/** Paints slices in grey, overlaid with classes and errors in colour. */

import type { Rgb } from "./class_colors.ts";
import type { Plane } from "./plane.ts";
import type { Raster } from "./png.ts";

/** The kind of a prediction's error in a voxel. */
export type ErrorKind = "missed" | "added" | "wrong class";

/**
 * Colours of errors: hues that no class of the palette has, bright on a dimmed scan. Errors are also
 * hatched, which classes never are.
 */
export const errorColors: Readonly<Record<ErrorKind, Rgb>> = {
  missed: [0, 255, 255],
  added: [255, 51, 255],
  "wrong class": [51, 255, 51],
};

/** Opacities of an error's stripes and of the gaps between them, which show the smallest errors. */
const hatching = { stripe: 1, gap: 0.45 };

/** Returns whether a pixel is on a stripe: of an error's kind, rising, falling or both. */
export function isOnStripe(kind: ErrorKind, x: number, y: number, period = 8): boolean {
  const rises = (x + y) % period < period / 2;
  const falls = ((x - y) % period + period) % period < period / 2;
  return kind === "missed" ? rises : kind === "added" ? falls : rises !== falls;
}

/** Intensities shown as black and white. */
export type IntensityWindow = readonly [low: number, high: number];

/** Paints the scan without overlays. */
export function paintScan(scan: Plane, window: IntensityWindow, brightness = 1): Raster {
  const { width, height } = scan;
  const data = new Uint8Array(4 * width * height);
  const [low, high] = window;
  const scale = 255 / Math.max(high - low, Number.MIN_VALUE);
  scan.data.forEach((value, pixel) => {
    const grey = brightness * Math.min(255, Math.max(0, (value - low) * scale));
    data.fill(grey, 4 * pixel, 4 * pixel + 3);
    data[4 * pixel + 3] = 255;
  });
  return { width, height, data };
}

/**
 * Tints a picture by label, with a brighter outline inside each region.
 *
 * @param labels One label per pixel, of the picture's size; 0 is left unchanged.
 */
export function paintLabels(picture: Raster, labels: Plane, colorOf: (label: number) => Rgb) {
  const { width, height } = picture;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const label = labels.data[y * width + x];
      if (label === 0) continue;
      const opacity = isEdge(labels, x, y, label) ? 1 : 0.4;
      blend(picture, y * width + x, colorOf(label), opacity);
    }
  }
}

/** Hatches the pixels where two label maps differ. */
export function paintErrors(
  picture: Raster,
  truth: Plane,
  prediction: Plane,
  isIgnored: (label: number) => boolean,
) {
  const { width } = picture;
  truth.data.forEach((expected, pixel) => {
    const found = prediction.data[pixel];
    if (expected === found || isIgnored(expected)) return;
    const kind = found === 0 ? "missed" : expected === 0 ? "added" : "wrong class";
    const isStripe = isOnStripe(kind, pixel % width, Math.floor(pixel / width));
    blend(picture, pixel, errorColors[kind], isStripe ? hatching.stripe : hatching.gap);
  });
}

/** Whether another label is within two pixels, so that outlines stay visible when scaled down. */
function isEdge({ width, height, data }: Plane, x: number, y: number, label: number): boolean {
  for (let distance = 1; distance <= 2; distance++) {
    if (x >= distance && data[y * width + x - distance] !== label) return true;
    if (x + distance < width && data[y * width + x + distance] !== label) return true;
    if (y >= distance && data[(y - distance) * width + x] !== label) return true;
    if (y + distance < height && data[(y + distance) * width + x] !== label) return true;
  }
  return false;
}

function blend(picture: Raster, pixel: number, color: Rgb, opacity: number) {
  for (let part = 0; part < 3; part++) {
    const below = picture.data[4 * pixel + part];
    picture.data[4 * pixel + part] = Math.round(below + opacity * (color[part] - below));
  }
}
