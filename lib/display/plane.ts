/** Extracts planes from volumes and resizes them. */

import { stridesOf, type Zyx } from "../array/nd_array.ts";
import type { View } from "./anatomical_views.ts";

/** One value per pixel, row by row from the top. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * Extracts a plane from a volume, oriented according to the view.
 *
 * @param volume Values, (z, y, x) in C order.
 * @param position Index along the axis perpendicular to the plane.
 */
export function cutPlane(
  volume: ArrayLike<number>,
  shape: Zyx,
  view: View,
  position: number,
): Plane {
  const strides = stridesOf(shape);
  const { across, down, through } = view;
  const [width, height] = [shape[across.axis], shape[down.axis]];
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = position * strides[through] +
      (down.reversed ? height - 1 - y : y) * strides[down.axis];
    for (let x = 0; x < width; x++) {
      data[y * width + x] =
        volume[row + (across.reversed ? width - 1 - x : x) * strides[across.axis]];
    }
  }
  return { width, height, data };
}

/**
 * Resizes by linear interpolation, repeating edges. When downsampling, the kernel widens to avoid
 * aliasing.
 */
export function resizeLinear(plane: Plane, width: number, height: number): Plane {
  return transpose(resizeRows(transpose(resizeRows(plane, width)), height));
}

/** Resizes by the nearest pixel, which preserves labels and keeps voxels visible. */
export function resizeNearest(plane: Plane, width: number, height: number): Plane {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y + 0.5) * plane.height / height) * plane.width;
    for (let x = 0; x < width; x++) {
      data[y * width + x] = plane.data[row + Math.floor((x + 0.5) * plane.width / width)];
    }
  }
  return { width, height, data };
}

function resizeRows(plane: Plane, width: number): Plane {
  const { height } = plane;
  const data = new Float32Array(width * height);
  const step = plane.width / width; // Source pixels per pixel.
  const reach = Math.max(1, step);
  for (let x = 0; x < width; x++) {
    const centre = (x + 0.5) * step - 0.5;
    const first = Math.ceil(centre - reach);
    const weights = Array.from(
      { length: Math.floor(centre + reach) - first + 1 },
      (_, i) => 1 - Math.abs(first + i - centre) / reach,
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) {
        const source = Math.min(plane.width - 1, Math.max(0, first + i));
        sum += weights[i] * plane.data[y * plane.width + source];
      }
      data[y * width + x] = sum / total;
    }
  }
  return { width, height, data };
}

function transpose({ width, height, data }: Plane): Plane {
  const transposed = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) transposed[x * height + y] = data[y * width + x];
  }
  return { width: height, height: width, data: transposed };
}
