/** Computes statistics and linear functions of float arrays with vector instructions. */

import { f32x4, f64x2, i32, loopWhile, v128, type Vector } from "../simd/instructions.ts";
import { compileKernels, kernel } from "../simd/kernel.ts";
import { changeStrips, forEachStrip, STEP, STEP_OFFSETS } from "../simd/scratch.ts";

const STEP_FLOATS = STEP / 4;

/** Adds the first two of four floats and the last two, as doubles. */
function pairs(floats: Vector): Vector {
  const last = v128.shuffle(floats, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]);
  return f64x2.add(f64x2.fromFloats(floats), f64x2.fromFloats(last));
}

/** Combines four vectors into one. */
function fold(combine: (a: Vector, b: Vector) => Vector, [a, b, c, d]: readonly Vector[]) {
  return combine(combine(a, b), combine(c, d));
}

/** Kernel of `value · scale + shift`, optionally clipped to a range. */
function linearKernel(clips: boolean) {
  return kernel(["i32", "i32", "f32", "f32", "f32", "f32"], (parameters, variable) => {
    const [at, end, ...numbers] = parameters;
    const [scale, shift, min, max] = numbers.map(() => variable("v128"));
    const transformed = (value: Vector) => f32x4.add(f32x4.multiply(value, scale), shift);
    const within = (value: Vector) => f32x4.min(f32x4.max(value, min), max);
    return [
      ...[scale, shift, min, max].map((vector, i) => vector.set(f32x4.splat(numbers[i]))),
      loopWhile(i32.less(at, end), [
        ...STEP_OFFSETS.map((offset) => {
          const value = transformed(v128.load(at, offset));
          return v128.store(at, clips ? within(value) : value, offset);
        }),
        at.set(i32.add(at, i32.of(STEP))),
      ]),
    ];
  });
}

const kernels = compileKernels({
  /** Stores sums of deviations and of their squares, two doubles each, then minima and maxima. */
  statistics: kernel(["i32", "i32", "f32"], ([start, end, pivot], variable) => {
    const at = variable("i32"), centre = variable("v128");
    const sum = variable("v128"), squares = variable("v128");
    const min = variable("v128"), max = variable("v128");
    const values = STEP_OFFSETS.map(() => variable("v128"));
    return [
      at.set(start),
      centre.set(f32x4.splat(pivot)),
      min.set(centre),
      max.set(centre),
      loopWhile(i32.less(at, end), [
        ...values.map((value, i) => value.set(v128.load(at, STEP_OFFSETS[i]))),
        min.set(f32x4.min(min, fold(f32x4.min, values))),
        max.set(f32x4.max(max, fold(f32x4.max, values))),
        ...values.map((value) => value.set(f32x4.subtract(value, centre))),
        sum.set(f64x2.add(sum, pairs(fold(f32x4.add, values)))),
        ...values.map((value) => value.set(f32x4.multiply(value, value))),
        squares.set(f64x2.add(squares, pairs(fold(f32x4.add, values)))),
        at.set(i32.add(at, i32.of(STEP))),
      ]),
      v128.store(start, sum),
      v128.store(start, squares, 16),
      v128.store(start, min, 32),
      v128.store(start, max, 48),
    ];
  }),
  stretch: linearKernel(false),
  stretchWithin: linearKernel(true),
  /** `(clipped value − mean) · scale`. */
  standardize: kernel(["i32", "i32", "f32", "f32", "f32", "f32"], (parameters, variable) => {
    const [at, end, ...numbers] = parameters;
    const [min, max, mean, scale] = numbers.map(() => variable("v128"));
    const within = (value: Vector) => f32x4.min(f32x4.max(value, min), max);
    return [
      ...[min, max, mean, scale].map((vector, i) => vector.set(f32x4.splat(numbers[i]))),
      loopWhile(i32.less(at, end), [
        ...STEP_OFFSETS.map((offset) => {
          const deviation = f32x4.subtract(within(v128.load(at, offset)), mean);
          return v128.store(at, f32x4.multiply(deviation, scale), offset);
        }),
        at.set(i32.add(at, i32.of(STEP))),
      ]),
    ];
  }),
  /** Stores four sums of `value − value`, which are zero if all values are finite. */
  differences: kernel(["i32", "i32"], ([start, end], variable) => {
    const at = variable("i32"), value = variable("v128"), sum = variable("v128");
    return [
      at.set(start),
      sum.set(f32x4.of(0)),
      loopWhile(i32.less(at, end), [
        ...STEP_OFFSETS.flatMap((offset) => [
          value.set(v128.load(at, offset)),
          sum.set(f32x4.add(sum, f32x4.subtract(value, value))),
        ]),
        at.set(i32.add(at, i32.of(STEP))),
      ]),
      v128.store(start, sum),
    ];
  }),
});

/** Returns mean, standard deviation and range. */
export function statisticsOf(values: Float32Array) {
  // Uses deviations from the first value: sums of squares lose digits if the mean is far from zero.
  const pivot = values[0];
  let min = pivot, max = pivot, sum = 0, squares = 0;
  forEachStrip(values, (strip, count) => {
    strip.fill(pivot, count, Math.ceil(count / STEP_FLOATS) * STEP_FLOATS); // Adds no deviation.
    const { buffer, byteOffset } = strip;
    kernels.statistics(byteOffset, byteOffset + 4 * count, pivot);
    const sums = new Float64Array(buffer, byteOffset, 4);
    sum += sums[0] + sums[1];
    squares += sums[2] + sums[3];
    min = Math.min(min, ...strip.subarray(8, 12));
    max = Math.max(max, ...strip.subarray(12, 16));
  });
  const variance = (squares - sum * sum / values.length) / values.length;
  return {
    min,
    max,
    mean: pivot + sum / values.length,
    std: Math.sqrt(Math.max(variance, 0)),
  };
}

/**
 * Computes `value · scale + shift` in place.
 *
 * @param range Range to which results are clipped; none by default.
 */
export function stretch(
  values: Float32Array,
  scale: number,
  shift: number,
  range?: { readonly min: number; readonly max: number },
) {
  const run = range ? kernels.stretchWithin : kernels.stretch;
  const { min = 0, max = 0 } = range ?? {};
  changeStrips(values, ({ byteOffset }, count) => {
    run(byteOffset, byteOffset + 4 * count, scale, shift, min, max);
  });
}

/**
 * Computes `(value − mean) · scale` in place.
 *
 * @param range Range to which values are clipped beforehand; none by default.
 */
export function standardize(
  values: Float32Array,
  mean: number,
  scale: number,
  { min, max } = { min: -Infinity, max: Infinity },
) {
  changeStrips(values, ({ byteOffset }, count) => {
    kernels.standardize(byteOffset, byteOffset + 4 * count, min, max, mean, scale);
  });
}

/** Whether all values are finite. */
export function areFinite(values: Float32Array): boolean {
  let finite = true;
  forEachStrip(values, (strip, count) => {
    strip.fill(0, count, Math.ceil(count / STEP_FLOATS) * STEP_FLOATS);
    const { byteOffset } = strip;
    kernels.differences(byteOffset, byteOffset + 4 * count);
    finite &&= strip.subarray(0, 4).every((difference) => difference === 0);
  });
  return finite;
}
