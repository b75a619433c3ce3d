/**
 * Computes the mixes of Winograd's convolution over two or three axes in WebAssembly.
 *
 * @see ../../lowering/blocked/axis_winograd.ts, which has the factors of one axis.
 */

import { TAPS, tilesOf } from "../../lowering/blocked/axis_winograd.ts";
import {
  f32x4,
  i32,
  type Int,
  loopWhile,
  type Statement,
  v128,
  type Vector,
} from "../../simd/instructions.ts";
import { type Kernel, kernel } from "../../simd/kernel.ts";
import { multiplyAdd, UNIT_BYTES } from "./matrix_kernel.ts";

/** Factors along one axis. An axis with one tap has one output, one entry and one product. */
export interface TileAxis {
  /** Outputs per tile. */
  readonly outputs: number;
  /** Products per tile, which is also the number of the image's entries that a tile reads. */
  readonly products: number;
  /** By product, the factors of the image's entries. */
  readonly ofImage: readonly (readonly number[])[];
  /** By product, the factors of the kernel's taps. */
  readonly ofTaps: readonly (readonly number[])[];
  /** By output, the factors of the products. */
  readonly ofProducts: readonly (readonly number[])[];
}

const matrixOf = (rows: number, columns: number, entry: (row: number, column: number) => number) =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => entry(i, j)));

/** An axis along which the kernel has one tap. */
export const singleTap: TileAxis = {
  outputs: 1,
  products: 1,
  ofImage: [[1]],
  ofTaps: [[1]],
  ofProducts: [[1]],
};

/** Returns the factors along an axis with three taps, with some outputs per tile. */
export function tileAxis(outputs: number): TileAxis {
  const { products, imageShare, tapShare, placeShare } = tilesOf(outputs, outputs);
  return {
    outputs,
    products,
    ofImage: matrixOf(products, products, (product, z) => imageShare(0, product, z, 0)),
    ofTaps: matrixOf(products, TAPS, tapShare),
    ofProducts: matrixOf(outputs, products, (z, product) => placeShare(z, 0, product)),
  };
}

/** The axes of a tile, (z, y, x). */
export type Tile = readonly [TileAxis, TileAxis, TileAxis];

/** Bytes at the beginning of the memory in which the kernels keep a tile while they mix it. */
export const MIXING_BYTES = 4096;

/** Returns the sum of factors times vectors. */
function mixOf(factors: readonly number[], vectors: readonly Vector[]): Vector {
  let sum: Vector | undefined;
  for (const [i, factor] of factors.entries()) {
    if (factor === 0) continue;
    const vector = vectors[i];
    if (!sum) sum = factor === 1 ? vector : f32x4.multiply(vector, f32x4.of(factor));
    else if (factor === 1) sum = f32x4.add(sum, vector);
    else if (factor === -1) sum = f32x4.subtract(sum, vector);
    else sum = multiplyAdd(vector, f32x4.of(factor), sum);
  }
  return sum!;
}

/** Numbers from 0. */
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/**
 * Mixes the entries of tiles.
 *
 * Parameters: addresses of the first tile and of the first product; bytes between the image's planes
 * and rows, and between products; the number of tiles, which follow one another along x.
 */
export function imageMixKernel([z, y, x]: Tile): Kernel {
  const kept = (a: number, b: number, c: number) => 16 * ((a * y.products + b) * x.products + c);
  return kernel(
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    ([from, to, planeStep, rowStep, productStep, count], variable) => {
      const planes = upTo(z.products).map(() => variable("i32"));
      const target = variable("i32");
      const entries = upTo(6).map(() => variable("v128"));
      /** Mixes vectors that are kept along an axis, in place or into the products. */
      const along = (
        { ofImage }: TileAxis,
        load: (i: number) => Vector,
        store: (product: number, value: Vector) => readonly Statement[],
      ) => [
        ...ofImage.map((_, i) => entries[i].set(load(i))),
        ...ofImage.flatMap((factors, product) => store(product, mixOf(factors, entries))),
      ];
      const zero = i32.of(0);
      const half = (offset: number) => [
        planes[0].set(from),
        ...planes.slice(1).map((plane, i) => plane.set(i32.add(planes[i], planeStep))),
        ...upTo(y.products).flatMap((b) => [
          ...upTo(x.products).flatMap((c) =>
            along(
              z,
              (a) => v128.load(planes[a], c * UNIT_BYTES + offset),
              (a, value) => [v128.store(zero, value, kept(a, b, c))],
            )
          ),
          ...planes.map((plane) => plane.set(i32.add(plane, rowStep))),
        ]),
        ...upTo(z.products).flatMap((a) =>
          upTo(x.products).flatMap((c) =>
            along(
              y,
              (b) => v128.load(zero, kept(a, b, c)),
              (b, value) => [v128.store(zero, value, kept(a, b, c))],
            )
          )
        ),
        target.set(to),
        ...upTo(z.products).flatMap((a) =>
          upTo(y.products).flatMap((b) =>
            along(
              x,
              (c) => v128.load(zero, kept(a, b, c)),
              (_, value) => [
                v128.store(target, value, offset),
                target.set(i32.add(target, productStep)),
              ],
            )
          )
        ),
      ];
      return [
        loopWhile(i32.less(zero, count), [
          ...half(0),
          ...half(16),
          from.set(i32.add(from, i32.of(x.outputs * UNIT_BYTES))),
          to.set(i32.add(to, i32.of(UNIT_BYTES))),
          count.set(i32.subtract(count, i32.of(1))),
        ]),
      ];
    },
  );
}

/**
 * Mixes the products of tiles to outputs, and adds a bias.
 *
 * Parameters: addresses of the first product and of the first output; bytes between products, and
 * between the image's planes and rows; the address of the bias; the number of tiles, which follow
 * one another along x.
 */
export function outputMixKernel([z, y, x]: Tile): Kernel {
  const kept = (a: number, b: number, c: number) => 16 * ((a * y.products + b) * x.outputs + c);
  return kernel(
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    ([from, to, productStep, planeStep, rowStep, bias, count], variable) => {
      const source = variable("i32");
      const planes = upTo(z.outputs).map(() => variable("i32"));
      const products = upTo(6).map(() => variable("v128"));
      const shift = variable("v128");
      const along = (
        { ofProducts }: TileAxis,
        load: (i: number) => readonly Statement[],
        store: (output: number, value: Vector) => Statement,
      ) => [
        ...upTo(ofProducts[0].length).flatMap(load),
        ...ofProducts.map((factors, output) => store(output, mixOf(factors, products))),
      ];
      const zero: Int = i32.of(0);
      const half = (offset: number) => [
        shift.set(v128.load(bias, offset)),
        source.set(from),
        ...upTo(z.products).flatMap((a) =>
          upTo(y.products).flatMap((b) =>
            along(
              x,
              (c) => [
                products[c].set(v128.load(source, offset)),
                source.set(i32.add(source, productStep)),
              ],
              (c, value) => v128.store(zero, value, kept(a, b, c)),
            )
          )
        ),
        ...upTo(z.products).flatMap((a) =>
          upTo(x.outputs).flatMap((c) =>
            along(
              y,
              (b) => [products[b].set(v128.load(zero, kept(a, b, c)))],
              (b, value) => v128.store(zero, value, kept(a, b, c)),
            )
          )
        ),
        planes[0].set(to),
        ...planes.slice(1).map((plane, i) => plane.set(i32.add(planes[i], planeStep))),
        ...upTo(y.outputs).flatMap((b) => [
          ...upTo(x.outputs).flatMap((c) =>
            along(
              z,
              (a) => [products[a].set(v128.load(zero, kept(a, b, c)))],
              (a, value) => v128.store(planes[a], f32x4.add(value, shift), c * UNIT_BYTES + offset),
            )
          ),
          ...planes.map((plane) => plane.set(i32.add(plane, rowStep))),
        ]),
      ];
      return [
        loopWhile(i32.less(zero, count), [
          ...half(0),
          ...half(16),
          from.set(i32.add(from, i32.of(UNIT_BYTES))),
          to.set(i32.add(to, i32.of(x.outputs * UNIT_BYTES))),
          count.set(i32.subtract(count, i32.of(1))),
        ]),
      ];
    },
  );
}

/**
 * Returns a function that mixes the taps of a kernel, axis after axis.
 *
 * @returns Given a kernel's taps, (z, y, x), returns one number per product; the next call overwrites
 * them.
 */
export function tapMixer(tile: Tile): (taps: Float32Array) => Float64Array {
  const stages = tile.map(({ ofTaps }, axis) => {
    const taps = ofTaps[0].length;
    const before = tile.slice(0, axis).reduce((count, { products }) => count * products, 1);
    const after = tile.slice(axis + 1).reduce((count, each) => count * each.ofTaps[0].length, 1);
    const matrix = Float64Array.from(ofTaps.flat());
    return { taps, products: ofTaps.length, before, after, matrix };
  });
  const results = stages.map(({ products, before, after }) =>
    new Float64Array(before * products * after)
  );
  return (kernel) => {
    let from: Float32Array | Float64Array = kernel;
    for (let stage = 0; stage < stages.length; stage++) {
      const { taps, products, before, after, matrix } = stages[stage];
      const to = results[stage];
      for (let outer = 0; outer < before; outer++) {
        for (let product = 0; product < products; product++) {
          for (let inner = 0; inner < after; inner++) {
            let sum = 0;
            for (let tap = 0; tap < taps; tap++) {
              sum += matrix[product * taps + tap] * from[(outer * taps + tap) * after + inner];
            }
            to[(outer * products + product) * after + inner] = sum;
          }
        }
      }
      from = to;
    }
    return results[stages.length - 1];
  };
}
