/**
 * Adds normally distributed noise to arrays, an order of magnitude faster than drawing numbers one by
 * one.
 *
 * @see G. E. P. Box and M. E. Muller, A Note on the Generation of Random Normal Deviates, The Annals
 * of Mathematical Statistics 29 (1958)
 */

import {
  f32x4,
  i32,
  i32x4,
  loopWhile,
  type Statement,
  v128,
  type Variable,
  type Vector,
} from "../simd/instructions.ts";
import { compileKernels, kernel } from "../simd/kernel.ts";
import { changeStrips } from "../simd/scratch.ts";
import type { Generator } from "./generator.ts";

/** Four 32-bit words that determine noise bit for bit. */
export type NoiseSeed = readonly number[];

/** Draws a seed for noise. */
export function drawNoiseSeed(generator: Generator): NoiseSeed {
  return Array.from({ length: 4 }, () => generator.integer(0, 2 ** 32) | 0);
}

/**
 * Adds a normally distributed number with mean 0 to every value.
 *
 * The numbers depend only on the seed and their index.
 *
 * @param sigma Standard deviation of the numbers.
 */
export function addNormals(target: Float32Array, seed: NoiseSeed, sigma: number): void {
  const [a, b, c, counter] = seed;
  changeStrips(target, ({ byteOffset }, count, from) => {
    kernels.addNormals(byteOffset, byteOffset + 4 * count, sigma, a, b, c, counter + from);
  });
}

/** Numbers discarded at the start, until the seed's words are mixed. */
const WARM_UP = 16;

/** Four parallel generators of C. Doty-Humphrey's sfc32 (small, fast, counting). */
interface Generators {
  readonly a: Variable<"v128">;
  readonly b: Variable<"v128">;
  readonly c: Variable<"v128">;
  readonly counter: Variable<"v128">;
}

/** Draws 32 bits from each generator. */
function draw({ a, b, c, counter }: Generators, bits: Variable<"v128">): Statement[] {
  return [
    bits.set(i32x4.add(i32x4.add(a, b), counter)),
    counter.set(i32x4.add(counter, i32x4.of(1, 1, 1, 1))),
    a.set(v128.xor(b, i32x4.shiftRight(b, 9))),
    b.set(i32x4.add(c, i32x4.shiftLeft(c, 3))),
    c.set(i32x4.add(v128.or(i32x4.shiftLeft(c, 21), i32x4.shiftRight(c, 11)), bits)),
  ];
}

const { add, multiply, subtract } = f32x4;

/** `coefficients[0] + coefficients[1] · x + …` */
function polynomial(x: Vector, coefficients: readonly number[]): Vector {
  return coefficients.map(f32x4.of).reduceRight((sum, next) => add(multiply(sum, x), next));
}

/** Layout of a float32: the exponent, biased by 127, is above the mantissa's bits. */
const MANTISSA_BITS = 23;
const MANTISSA = i32x4.of(0x7fffff, 0x7fffff, 0x7fffff, 0x7fffff);
const EXPONENT_OF_ONE = i32x4.of(0x3f800000, 0x3f800000, 0x3f800000, 0x3f800000);

const kernels = compileKernels({
  addNormals: kernel(
    ["i32", "i32", "f32", "i32", "i32", "i32", "i32"],
    ([at, end, sigma, wordA, wordB, wordC, firstCount], variable) => {
      const vector = () => variable("v128");
      const generators = { a: vector(), b: vector(), c: vector(), counter: vector() };
      const { a, b, c, counter } = generators;
      const round = variable("i32");
      const bits = vector(), uniform = vector(), ratio = vector(), square = vector();
      const radius = vector(), angle = vector(), sine = vector(), cosine = vector();
      const accumulate = (offset: number, number: Vector) =>
        v128.store(at, add(v128.load(at, offset), multiply(number, radius)), offset);
      const mantissa = v128.or(v128.and(uniform, MANTISSA), EXPONENT_OF_ONE);
      const exponent = f32x4.fromInts(
        i32x4.subtract(i32x4.shiftRight(uniform, MANTISSA_BITS), i32x4.of(127, 127, 127, 127)),
      );
      return [
        a.set(i32x4.splat(wordA)),
        b.set(i32x4.splat(wordB)),
        c.set(i32x4.splat(wordC)),
        counter.set(i32x4.add(i32x4.splat(firstCount), i32x4.of(0, 1, 2, 3))),
        round.set(i32.of(0)),
        loopWhile(i32.less(round, i32.of(WARM_UP)), [
          ...draw(generators, bits),
          round.set(i32.add(round, i32.of(1))),
        ]),
        loopWhile(i32.less(at, end), [
          // A uniform number u in (0, 1] gives the radius √(−2 ln u) · sigma. With m from 1 to 2,
          // ln (2^e m) is (e + ½) ln 2 + ln (m / √2), whose series is short.
          ...draw(generators, bits),
          uniform.set(
            add(multiply(f32x4.fromUnsignedInts(bits), f32x4.of(2 ** -32)), f32x4.of(2 ** -33)),
          ),
          ratio.set(mantissa),
          ratio.set(f32x4.divide(
            subtract(ratio, f32x4.of(Math.SQRT2)),
            add(ratio, f32x4.of(Math.SQRT2)),
          )),
          square.set(multiply(ratio, ratio)),
          radius.set(multiply(ratio, polynomial(square, [-4, -4 / 3, -4 / 5, -4 / 7]))),
          radius.set(subtract(
            radius,
            multiply(add(exponent, f32x4.of(0.5)), f32x4.of(2 * Math.LN2)),
          )),
          radius.set(multiply(
            f32x4.sqrt(f32x4.max(radius, f32x4.of(0))),
            f32x4.splat(sigma),
          )),
          // The angle is within ±45°; two of the bits rotate it to the other quadrants.
          ...draw(generators, bits),
          angle.set(multiply(f32x4.fromInts(bits), f32x4.of(Math.PI / 4 * 2 ** -31))),
          square.set(multiply(angle, angle)),
          sine.set(
            multiply(angle, polynomial(square, [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880])),
          ),
          cosine.set(polynomial(square, [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320])),
          cosine.set(v128.xor(cosine, i32x4.shiftLeft(i32x4.shiftRight(bits, 1), 31))),
          bits.set(i32x4.shiftRightSigned(i32x4.shiftLeft(bits, 31), 31)),
          accumulate(0, v128.select(bits, sine, cosine)),
          accumulate(16, v128.select(bits, cosine, sine)),
          at.set(i32.add(at, i32.of(32))),
        ]),
      ];
    },
  ),
});
