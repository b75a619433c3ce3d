/** Draws labels as solids: the first surface along an axis, lit from the front. */

import { stridesOf } from "../array/nd_array.ts";
import type { Segmentation } from "../image/image.ts";
import type { View } from "./anatomical_views.ts";
import type { Rgb } from "./class_colors.ts";
import type { Raster } from "./png.ts";

/** A class to draw, and its colour. */
export interface DrawnClass {
  readonly label: number;
  readonly name: string;
  readonly color: Rgb;
}

/**
 * Projects the first labelled voxel behind every pixel, shaded by its slope.
 *
 * @param view The plane to project onto.
 * @param classes Classes to draw; other labels are transparent.
 * @param longest Pixels of the volume's longest side.
 */
export function projectSurface(
  { geometry: { shape, spacing }, data }: Segmentation,
  { across, down, through }: View,
  classes: readonly DrawnClass[],
  longest: number,
): Raster {
  const scale = longest / Math.max(...shape.map((extent, axis) => extent * spacing[axis]));
  const strides = stridesOf(shape);
  const colors = new Map(classes.map(({ label, color }) => [label, color]));
  const pixels = (axis: number) => Math.max(1, Math.round(shape[axis] * spacing[axis] * scale));
  const [width, height] = [pixels(across.axis), pixels(down.axis)];
  const index = (axis: typeof across, pixel: number, extent: number) => {
    const at = Math.floor((pixel + 0.5) * shape[axis.axis] / extent);
    return axis.reversed ? shape[axis.axis] - 1 - at : at;
  };
  const depths = new Float32Array(width * height).fill(NaN);
  const labels = new Uint16Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const column = index(across, x, width) * strides[across.axis] +
        index(down, y, height) * strides[down.axis];
      // Starts at the far end of the axis, which in a RAS grid is superior, anterior or right.
      for (let step = 0; step < shape[through]; step++) {
        const label = data[column + (shape[through] - 1 - step) * strides[through]];
        if (!colors.has(label)) continue;
        depths[y * width + x] = step * spacing[through] * scale;
        labels[y * width + x] = label;
        break;
      }
    }
  }
  const raster = new Uint8Array(4 * width * height);
  const reach = 2; // Slopes span several pixels, since voxels are larger than pixels.
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const color = colors.get(labels[pixel]);
      const depth = depths[pixel];
      raster[4 * pixel + 3] = 255;
      if (!color || Number.isNaN(depth)) continue;
      const slope = (dx: number, dy: number) => {
        const [before, after] = [-1, 1].map((side) => {
          const [u, v] = [x + side * dx * reach, y + side * dy * reach];
          const inside = u >= 0 && v >= 0 && u < width && v < height;
          const other = inside ? depths[v * width + u] : NaN;
          return Number.isNaN(other) ? depth + 4 * reach : other;
        });
        return (after - before) / (2 * reach);
      };
      const light = 0.25 + 0.75 / Math.hypot(1, slope(1, 0), slope(0, 1));
      for (let part = 0; part < 3; part++) raster[4 * pixel + part] = light * color[part];
    }
  }
  return { width, height, data: raster };
}
