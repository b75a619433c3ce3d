/**
 * Winograd's F(4, 3) along one axis: four neighbouring places of a convolution with three taps from
 * six products instead of twelve.
 *
 * Every product is one of a mix of six entries of the image with a mix of the kernel's taps, and the
 * places are mixes of the products. Here the mixes of all tiles are rows of one matrix over the
 * whole axis: what lies beyond its ends is zero and needs no padding, an extent need not be a
 * multiple of four, and one matrix product, which processors are best at, reads the image once. Its
 * many zeros cost less than gathering overlapping tiles.
 *
 * Errors are three times those of the plain sums in float32 with these points, fewer than with 0,
 * ±1, ±2.
 *
 * @see Lavin and Gray 2016, Fast algorithms for convolutional neural networks
 */

import type { Graph, Value } from "../graph/graph.ts";

/** Places of a tile. */
const PLACES = 4;
/** Taps of the kernel. */
export const TAPS = 3;
/** Products of a tile. */
export const PRODUCTS = 6;

/** Where the polynomials are multiplied; the sixth product is their leading coefficients'. */
const points = [0, 1, -1, 0.5, -2];

/** The product which all places of a tile contain with factor 1, as a bias wants it. */
export const UNIT_PRODUCT = points.indexOf(1);

/** Coefficients of ∏ (x − root), lowest power first. */
function polynomial(roots: readonly number[]): number[] {
  let coefficients = [1];
  for (const root of roots) {
    const [times, plus] = [[0, ...coefficients], [...coefficients, 0]];
    coefficients = times.map((value, i) => value - root * plus[i]);
  }
  return coefficients;
}

const others = (point: number) => points.filter((other) => other !== point);

/** (6, 3): the kernel's mixes. */
const ofKernel = [
  ...points.map((point) => {
    const scale = others(point).reduce((product, other) => product * (point - other), 1);
    return Array.from({ length: TAPS }, (_, tap) => point ** tap / scale);
  }),
  [0, 0, 1],
];

/** (6, 6): a tile's mixes of the image. */
const ofImage = [...points.map((point) => [...polynomial(others(point)), 0]), polynomial(points)];

/** (4, 6): places from products. */
const ofProducts = Array.from({ length: PLACES }, (_, place) => [
  ...points.map((point) => point ** place),
  place === PLACES - 1 ? 1 : 0,
]);

/** Tiles that an axis takes. */
export function tilesOf(places: number): number {
  return Math.ceil(places / PLACES);
}

/** Whether tiles save products, also where the last one is filled in part. */
export function savesProducts(places: number): boolean {
  return PRODUCTS * tilesOf(places) <= 0.8 * TAPS * places;
}

/** What a product of a tile takes of the image's entry at z. */
export function imageShare(tile: number, product: number, z: number, before: number): number {
  return ofImage[product][z + before - PLACES * tile] ?? 0;
}

/** What the place z takes of a product of a tile. */
export function placeShare(z: number, tile: number, product: number): number {
  return ofProducts[z - PLACES * tile]?.[product] ?? 0;
}

/** What a product takes of the kernel's tap. */
export function tapShare(product: number, tap: number): number {
  return ofKernel[product][tap];
}

/** A constant matrix by its entries. */
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
