/** Images shared by tests: arbitrary ones for properties, small ones for examples. */

import fc from "fast-check";
import { sizeOf, type Zyx, zyx } from "../../lib/array/nd_array.ts";
import type { Geometry, Image, Segmentation } from "../../lib/image/image.ts";

/** A grid of 1 mm voxels with axes parallel to the world's. */
export function plainGeometry(shape: Zyx): Geometry {
  return {
    shape,
    spacing: [1, 1, 1],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  };
}

/** A scan whose values count up from `start`. */
export function countingImage(shape: Zyx, { channels = 1, start = 0 } = {}): Image {
  const data = Float32Array.from({ length: channels * sizeOf(shape) }, (_, i) => start + i);
  return { geometry: plainGeometry(shape), channels, data };
}

/** A label map on a plain grid, filled by repeating the labels. */
export function repeatingLabels(shape: Zyx, labels: readonly number[]): Segmentation {
  const data = Uint16Array.from({ length: sizeOf(shape) }, (_, i) => labels[i % labels.length]);
  return { geometry: plainGeometry(shape), data };
}

const millimetres = fc.double({ min: 0.01, max: 100, noNaN: true }).map(Math.fround);

/** Arbitrarily rotated, mirrored, scaled and shifted grids; every number is a float32. */
export const arbitraryGeometry: fc.Arbitrary<Geometry> = fc.record({
  shape: fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 1, max: 5 }))),
  spacing: fc.tuple(millimetres, millimetres, millimetres),
  quaternion: fc.tuple(
    ...Array.from({ length: 4 }, () => fc.double({ min: -1, max: 1, noNaN: true })),
  )
    .filter((parts) => Math.hypot(...parts) > 0.1),
  mirrored: fc.boolean(),
  origin: fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: -500, max: 500 }))),
}).map(({ shape, spacing, quaternion, mirrored, origin }) => {
  const [a, b, c, d] = quaternion.map((part) => part / Math.hypot(...quaternion));
  const axes = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
  ];
  const [z, y, x] = spacing;
  const affine = axes.flatMap((row, i) => [
    row[0] * x,
    row[1] * y,
    row[2] * z * (mirrored ? -1 : 1),
    origin[i],
  ]).map(Math.fround);
  return {
    shape: zyx(shape),
    spacing: spacing as Zyx,
    affine: [...affine, 0, 0, 0, 1],
  };
});

/** Scans of one to three channels whose values include infinities and NaN. */
export const arbitraryImage: fc.Arbitrary<Image> = fc
  .tuple(arbitraryGeometry, fc.integer({ min: 1, max: 3 }))
  .chain(([geometry, channels]) =>
    fc.float32Array({
      minLength: channels * sizeOf(geometry.shape),
      maxLength: channels * sizeOf(geometry.shape),
    }).map((data) => ({ geometry, channels, data: new Float32Array(data) }))
  );

/** Label maps with labels up to 255, or up to 65535. */
export const arbitrarySegmentation: fc.Arbitrary<Segmentation> = fc
  .tuple(arbitraryGeometry, fc.boolean())
  .chain(([geometry, wide]): fc.Arbitrary<Segmentation> => {
    const length = { minLength: sizeOf(geometry.shape), maxLength: sizeOf(geometry.shape) };
    return wide
      ? fc.uint16Array(length).map((data) => ({ geometry, data: new Uint16Array(data) }))
      : fc.uint8Array(length).map((data) => ({ geometry, data: new Uint8Array(data) }));
  });

/** Scans on the grids that a format can store, which may have fewer slices. */
export function imagesOn(grid: (geometry: Geometry) => Geometry): fc.Arbitrary<Image> {
  return arbitraryImage.map(({ geometry, channels, data }) => {
    const held = grid(geometry);
    return { geometry: held, channels, data: data.slice(0, channels * sizeOf(held.shape)) };
  });
}

/** Label maps on the grids that a format can store, which may have fewer slices. */
export function segmentationsOn(
  grid: (geometry: Geometry) => Geometry,
): fc.Arbitrary<Segmentation> {
  return arbitrarySegmentation.map(({ geometry, data }) => {
    const held = grid(geometry);
    return { geometry: held, data: data.slice(0, sizeOf(held.shape)) };
  });
}
