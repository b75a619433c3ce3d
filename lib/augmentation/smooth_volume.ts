/** Convolves volumes with a symmetric kernel along each axis, mirrored at the borders. */

import type { Zyx } from "../array/nd_array.ts";
import { f32x4, i32, loopWhile, v128 } from "../simd/instructions.ts";
import { compileKernels, kernel } from "../simd/kernel.ts";
import { copyBox } from "../simd/copy_box.ts";
import { scratchLike, STEP, STEP_OFFSETS } from "../simd/scratch.ts";

/** Floats per plane smoothed along z together, few enough for all planes to fit into a cache. */
const COLUMNS = 1024;

const kernels = compileKernels({
  /** Weighted sum of each number and its neighbours at distances ± step, ± 2 steps, …. */
  smooth: kernel(
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    ([at, end, to, step, weights, weightsEnd], variable) => {
      const sums = STEP_OFFSETS.map(() => variable("v128"));
      const weight = variable("i32"), before = variable("i32"), after = variable("i32");
      return [
        loopWhile(i32.less(at, end), [
          ...sums.map((sum, i) =>
            sum.set(f32x4.multiply(v128.load(weights), v128.load(at, STEP_OFFSETS[i])))
          ),
          before.set(at),
          after.set(at),
          weight.set(i32.add(weights, i32.of(16))),
          loopWhile(i32.less(weight, weightsEnd), [
            before.set(i32.subtract(before, step)),
            after.set(i32.add(after, step)),
            ...sums.map((sum, i) =>
              sum.set(f32x4.add(
                sum,
                f32x4.multiply(
                  v128.load(weight),
                  f32x4.add(v128.load(before, STEP_OFFSETS[i]), v128.load(after, STEP_OFFSETS[i])),
                ),
              ))
            ),
            weight.set(i32.add(weight, i32.of(16))),
          ]),
          ...sums.map((sum, i) => v128.store(to, sum, STEP_OFFSETS[i])),
          at.set(i32.add(at, i32.of(STEP))),
          to.set(i32.add(to, i32.of(STEP))),
        ]),
      ];
    },
  ),
});

/** Weights at distances 0, 1, 2, … from the centre of a kernel. */
export type HalfKernel = Float64Array;

/** Smooths a volume (z, y, x) in place, with one kernel per axis. */
export function smoothVolume(
  values: Float32Array,
  shape: Zyx,
  [kernelZ, ...planar]: Zyx<HalfKernel>,
) {
  const [depth, height, width] = shape;
  for (let z = 0; z < depth; z++) {
    const from = z * height * width;
    smoothPlane(values.subarray(from, from + height * width), height, width, planar);
  }
  smoothAcross(values, depth, height * width, kernelZ);
}

/** Smooths a plane along y and x. */
function smoothPlane(
  plane: Float32Array,
  height: number,
  width: number,
  [kernelY, kernelX]: readonly HalfKernel[],
) {
  const above = kernelY.length - 1, beside = kernelX.length - 1;
  const step = width + 2 * beside;
  const size = (height + 2 * above) * step;
  const [tight, padded, smoothed, weights] = scratchLike(
    plane,
    plane.length,
    size,
    height * step,
    4 * Math.max(kernelY.length, kernelX.length),
  );
  const first = above * step;
  tight.set(plane);
  copyBox(
    { array: tight, from: 0, planeStep: 0, rowStep: width },
    { array: padded, from: first + beside, planeStep: 0, rowStep: step },
    [1, height, width],
  );
  for (let y = 0; y < height; y++) {
    const row = first + y * step + beside;
    for (let x = 1; x <= beside; x++) {
      padded[row - x] = padded[row + mirrored(-x, width)];
      padded[row + width - 1 + x] = padded[row + mirrored(width - 1 + x, width)];
    }
  }
  mirrorRows(padded, height, step, above);
  smooth(padded.subarray(first), smoothed, height * step, step, kernelY, weights);
  smooth(smoothed.subarray(beside), padded, height * step - 2 * beside, 1, kernelX, weights);
  copyBox(
    { array: padded, from: 0, planeStep: 0, rowStep: step },
    { array: tight, from: 0, planeStep: 0, rowStep: width },
    [1, height, width],
  );
  plane.set(tight);
}

/** Smooths along z. */
function smoothAcross(values: Float32Array, depth: number, plane: number, kernelZ: HalfKernel) {
  if (kernelZ.length === 1) return;
  const around = kernelZ.length - 1;
  for (let column = 0; column < plane; column += COLUMNS) {
    const count = Math.min(COLUMNS, plane - column);
    const [padded, smoothed, weights] = scratchLike(
      values,
      (depth + 2 * around) * count,
      depth * count,
      4 * kernelZ.length,
    );
    const first = around * count;
    for (let z = 0; z < depth; z++) {
      const from = z * plane + column;
      padded.set(values.subarray(from, from + count), first + z * count);
    }
    mirrorRows(padded, depth, count, around);
    smooth(padded.subarray(first), smoothed, depth * count, count, kernelZ, weights);
    for (let z = 0; z < depth; z++) {
      values.set(smoothed.subarray(z * count, (z + 1) * count), z * plane + column);
    }
  }
}

/** Fills `around` padding rows on either side by mirroring. */
function mirrorRows(padded: Float32Array, rows: number, width: number, around: number) {
  const fill = (row: number) => {
    const from = (around + mirrored(row, rows)) * width;
    padded.copyWithin((around + row) * width, from, from + width);
  };
  for (let distance = 1; distance <= around; distance++) {
    fill(-distance);
    fill(rows - 1 + distance);
  }
}

/**
 * Smooths numbers over neighbours at multiples of `step`, from one array in scratch memory to
 * another.
 *
 * @param source Starts at the first number to smooth.
 */
function smooth(
  source: Float32Array,
  target: Float32Array,
  count: number,
  step: number,
  halfKernel: HalfKernel,
  weights: Float32Array,
) {
  halfKernel.forEach((weight, distance) => weights.fill(weight, 4 * distance, 4 * distance + 4));
  kernels.smooth(
    source.byteOffset,
    source.byteOffset + 4 * count,
    target.byteOffset,
    4 * step,
    weights.byteOffset,
    weights.byteOffset + 16 * halfKernel.length,
  );
}

/** Mirrors an index at the first and last voxel, repeatedly if needed, into 0 … extent − 1. */
function mirrored(index: number, extent: number): number {
  if (extent === 1) return 0;
  const period = 2 * (extent - 1);
  const inPeriod = ((index % period) + period) % period;
  return inPeriod < extent ? inPeriod : period - inPeriod;
}
