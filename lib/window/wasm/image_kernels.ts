/** Copies, normalises and adds images in WebAssembly, one unit of channels at a time. */

import {
  f32x4,
  f64x2,
  i32,
  type Int,
  loopWhile,
  type Statement,
  v128,
} from "../../simd/instructions.ts";
import { type Kernel, kernel } from "../../simd/kernel.ts";
import { multiplyAdd, UNIT_BYTES } from "./matrix_kernel.ts";

/** Moves an address or a number. */
const advance = (at: Int & { set(value: Int): Statement }, by: Int) => at.set(i32.add(at, by));

/**
 * Copies units. Parameters: addresses of source and target, bytes between units of both, and the
 * number of units.
 */
const copy: Kernel = kernel(
  ["i32", "i32", "i32", "i32", "i32"],
  ([from, to, fromStep, toStep, count]) => [
    loopWhile(i32.less(i32.of(0), count), [
      v128.store(to, v128.load(from)),
      v128.store(to, v128.load(from, 16), 16),
      advance(from, fromStep),
      advance(to, toStep),
      advance(count, i32.of(-1)),
    ]),
  ],
);

/** Byte order that brings the last two floats of a vector to its front. */
const lastTwo = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];

/**
 * Sums the channels of an image and their squares in double precision, in which their difference
 * does not cancel. Parameters: the addresses of the image and of the sixteen results, sums first;
 * bytes between planes and rows; the numbers of planes, rows and columns.
 */
const statistics: Kernel = kernel(
  ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
  ([image, result, planeStep, rowStep, planes, rows, columns], variable) => {
    const [row, at, y, x] = Array.from({ length: 4 }, () => variable("i32"));
    const sums = Array.from({ length: 4 }, () => variable("v128"));
    const squares = Array.from({ length: 4 }, () => variable("v128"));
    const vector = variable("v128"), pair = variable("v128");
    const zero = f32x4.of(0);
    const addPair = (i: number) => [
      sums[i].set(f64x2.add(sums[i], pair)),
      squares[i].set(f64x2.add(squares[i], f64x2.multiply(pair, pair))),
    ];
    return [
      ...[...sums, ...squares].map((sum) => sum.set(zero)),
      loopWhile(i32.less(i32.of(0), planes), [
        row.set(image),
        y.set(rows),
        loopWhile(i32.less(i32.of(0), y), [
          at.set(row),
          x.set(columns),
          loopWhile(i32.less(i32.of(0), x), [
            ...[0, 1].flatMap((half) => [
              vector.set(v128.load(at, 16 * half)),
              pair.set(f64x2.fromFloats(vector)),
              ...addPair(2 * half),
              pair.set(f64x2.fromFloats(v128.shuffle(vector, lastTwo))),
              ...addPair(2 * half + 1),
            ]),
            advance(at, i32.of(UNIT_BYTES)),
            advance(x, i32.of(-1)),
          ]),
          advance(row, rowStep),
          advance(y, i32.of(-1)),
        ]),
        advance(image, planeStep),
        advance(planes, i32.of(-1)),
      ]),
      ...[...sums, ...squares].map((sum, i) => v128.store(result, sum, 16 * i)),
    ];
  },
);

/**
 * Multiplies channels by factors, adds offsets, and applies a leaky ReLU. Parameters: addresses of
 * the image, of the result, which may be the same and has the same steps, and of eight factors,
 * eight offsets and the slope, four times; bytes between planes and rows; the numbers of planes,
 * rows and columns.
 */
const affine: Kernel = kernel(
  ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
  ([image, result, factors, planeStep, rowStep, planes, rows, columns], variable) => {
    const [row, at, offset, y, x] = Array.from({ length: 5 }, () => variable("i32"));
    const constants = Array.from({ length: 5 }, () => variable("v128"));
    const [low, high, lowOffset, highOffset, slope] = constants;
    const value = variable("v128");
    const half = (i: number) => [
      value.set(
        multiplyAdd(v128.load(at, 16 * i), [low, high][i], [lowOffset, highOffset][i]),
      ),
      // The larger one for slopes up to 1.
      v128.store(i32.add(at, offset), f32x4.max(value, f32x4.multiply(value, slope)), 16 * i),
    ];
    return [
      ...constants.map((constant, i) => constant.set(v128.load(factors, 16 * i))),
      offset.set(i32.subtract(result, image)),
      loopWhile(i32.less(i32.of(0), planes), [
        row.set(image),
        y.set(rows),
        loopWhile(i32.less(i32.of(0), y), [
          at.set(row),
          x.set(columns),
          loopWhile(i32.less(i32.of(0), x), [
            ...half(0),
            ...half(1),
            advance(at, i32.of(UNIT_BYTES)),
            advance(x, i32.of(-1)),
          ]),
          advance(row, rowStep),
          advance(y, i32.of(-1)),
        ]),
        advance(image, planeStep),
        advance(planes, i32.of(-1)),
      ]),
    ];
  },
);

/** Adds units. Parameters: addresses of both terms and of the sum, and the number of units. */
const add: Kernel = kernel(["i32", "i32", "i32", "i32"], ([a, b, sum, count]) => [
  loopWhile(i32.less(i32.of(0), count), [
    v128.store(sum, f32x4.add(v128.load(a), v128.load(b))),
    v128.store(sum, f32x4.add(v128.load(a, 16), v128.load(b, 16)), 16),
    ...[a, b, sum].map((at) => advance(at, i32.of(UNIT_BYTES))),
    advance(count, i32.of(-1)),
  ]),
]);

/**
 * Adds units, or a multiple of them. Parameters: addresses of the terms and of the sums, bytes between
 * the terms, and the number of units.
 */
const accumulate: Kernel = kernel(
  ["i32", "i32", "i32", "i32"],
  ([from, to, fromStep, count]) => [
    loopWhile(i32.less(i32.of(0), count), [
      v128.store(to, f32x4.add(v128.load(to), v128.load(from))),
      v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16),
      advance(from, fromStep),
      advance(to, i32.of(UNIT_BYTES)),
      advance(count, i32.of(-1)),
    ]),
  ],
);

/** The kernels of this module. */
export const imageKernels = { copy, statistics, affine, add, accumulate } as const;
