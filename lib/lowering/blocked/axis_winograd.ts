/**
 * Winograd's F(m, 3) along one axis: m neighbouring places of a convolution with three taps from
 * m + 2 products instead of 3 m.
 *
 * Every product is that of a mix of m + 2 entries of the image with a mix of the kernel's taps, and
 * the places are mixes of the products. Here the mixes of all tiles are rows of one matrix over the
 * whole axis: what lies beyond its ends is zero and needs no padding, an extent need not be a
 * multiple of m, and one matrix product, which processors are best at, reads the image once. Its
 * many zeros cost less than gathering overlapping tiles.
 *
 * With these points errors in float32 are three to five times those of the plain sums.
 *
 * @see Lavin and Gray 2016, Fast algorithms for convolutional neural networks
 */

import type { Graph, Value } from "../../graph/graph.ts";

/** Taps of the kernel. */
export const TAPS = 3;

/** The product that all places of a tile contain with factor 1, so that a bias can be added to it. */
export const UNIT_PRODUCT = 1;

/** The points of interpolation, m + 1 of which are used; the last product is of leading coefficients. */
const allPoints = [0, 1, -1, 0.5, -2, -0.5, 2];

/** Places per tile for which errors and products are few. */
const tileSizes = [2, 3, 4, 5, 6];

/** How an axis is cut into tiles, and the factors of what enters and leaves each product. */
export interface AxisWinograd {
  readonly tiles: number;
  /** Products per tile. */
  readonly products: number;
  /** The factor of the image's entry at z, the first one of a margin being at −`before`. */
  imageShare(tile: number, product: number, z: number, before: number): number;
  /** The factor of the kernel's tap. */
  tapShare(product: number, tap: number): number;
  /** The factor in the place z. */
  placeShare(z: number, tile: number, product: number): number;
}

/** The tiles with the fewest products; undefined if they would save less than a fifth. */
export function axisWinograd(places: number): AxisWinograd | undefined {
  const [size] = tileSizes
    .map((size) => ({ size, count: Math.ceil(places / size) * (size + 2) }))
    .filter(({ count }) => count <= 0.8 * TAPS * places)
    .sort((a, b) => a.count - b.count);
  return size && tilesOf(size.size, places);
}

function tilesOf(size: number, places: number): AxisWinograd {
  const points = allPoints.slice(0, size + 1);
  const others = (point: number) => points.filter((other) => other !== point);
  const ofImage = [...points.map((point) => polynomial(others(point))), polynomial(points)];
  const scales = points.map((point) =>
    others(point).reduce((product, other) => product * (point - other), 1)
  );
  const last = points.length;
  return {
    tiles: Math.ceil(places / size),
    products: size + 2,
    imageShare: (tile, product, z, before) => ofImage[product][z + before - size * tile] ?? 0,
    tapShare: (product, tap) =>
      product === last ? Number(tap === TAPS - 1) : points[product] ** tap / scales[product],
    placeShare: (z, tile, product) => {
      const place = z - size * tile;
      if (place < 0 || place >= size) return 0;
      return product === last ? Number(place === size - 1) : points[product] ** place;
    },
  };
}

/** Coefficients of ∏ (x − root), lowest power first. */
function polynomial(roots: readonly number[]): number[] {
  let coefficients = [1];
  for (const root of roots) {
    const [times, plus] = [[0, ...coefficients], [...coefficients, 0]];
    coefficients = times.map((value, i) => value - root * plus[i]);
  }
  return coefficients;
}

/** A constant matrix, float32, from its entries. */
export function matrix(
  graph: Graph,
  rows: number,
  columns: number,
  entry: (row: number, column: number) => number,
): Value {
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => entry(Math.floor(i / columns), i % columns),
  );
  return graph.constant("float32", [rows, columns], values);
}
