/**
 * Computes the factors of Winograd's F(m, 3) along one axis: m adjacent outputs of a convolution
 * with three taps take m + 2 products instead of 3 m.
 *
 * Every product multiplies a mix of m + 2 entries of the image by a mix of the kernel's taps, and
 * the outputs are mixes of the products. Here the mixes of all tiles are rows of one matrix over
 * the whole axis: entries beyond its ends are zero and need no padding, an extent need not be a
 * multiple of m, and a single matrix product reads the image once. The matrix's many zeros cost
 * less than gathering overlapping tiles.
 *
 * With these points, errors in float32 are three to five times those of plain sums.
 *
 * @see Lavin and Gray 2016, Fast algorithms for convolutional neural networks
 */

import type { Graph, Value } from "../../graph/graph.ts";

/** Number of the kernel's taps. */
export const TAPS = 3;

/**
 * The product that all outputs of a tile contain with factor 1, so that a bias can be added to it.
 */
export const UNIT_PRODUCT = 1;

/** The points of interpolation, m + 1 of which are used; the last product is of leading coefficients. */
const allPoints = [0, 1, -1, 0.5, -2, -0.5, 2];

/** Outputs per tile with small errors and few products. */
const tileSizes = [2, 3, 4, 5, 6];

/** How an axis is divided into tiles, and the factors of each product's inputs and outputs. */
export interface AxisWinograd {
  readonly tiles: number;
  /** Products per tile. */
  readonly products: number;
  /** Returns the factor of the image's entry at z; the padding begins at −`before`. */
  imageShare(tile: number, product: number, z: number, before: number): number;
  /** Returns the factor of a kernel's tap. */
  tapShare(product: number, tap: number): number;
  /** Returns the factor of a product in the output at z. */
  placeShare(z: number, tile: number, product: number): number;
}

/** Returns the tiles with the fewest products; undefined if they save less than a fifth. */
export function axisWinograd(places: number): AxisWinograd | undefined {
  const [size] = tileSizes
    .map((size) => ({ size, count: Math.ceil(places / size) * (size + 2) }))
    .filter(({ count }) => count <= 0.8 * TAPS * places)
    .sort((a, b) => a.count - b.count);
  return size && tilesOf(size.size, places);
}

/** Returns the tiles of a size, 1 to 6 outputs. */
export function tilesOf(size: number, places: number): AxisWinograd {
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

/** Returns the coefficients of ∏ (x − root), lowest power first. */
function polynomial(roots: readonly number[]): number[] {
  let coefficients = [1];
  for (const root of roots) {
    const [times, plus] = [[0, ...coefficients], [...coefficients, 0]];
    coefficients = times.map((value, i) => value - root * plus[i]);
  }
  return coefficients;
}

/** Returns a constant float32 matrix. */
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
