/**
 * Multiplies matrices in WebAssembly, which all convolutions of a {@link WasmNetwork} become.
 *
 * Numbers are in units of eight channels. A panel holds, for each unit of the summed channels, one
 * unit per row; weights hold, for each unit of filters, eight numbers per summed channel. So all
 * operands of the innermost loop are read in the order in which they lie in memory.
 */

import { f32x4, i32, loopWhile, v128, type Vector } from "../../simd/instructions.ts";
import { isSupported, type Kernel, kernel } from "../../simd/kernel.ts";

/** Channels per unit: two vectors. */
export const UNIT = 8;

/** Bytes per unit. */
export const UNIT_BYTES = 4 * UNIT;

/** Bytes of the weights of one unit of filters for one unit of summed channels. */
export const WEIGHT_BYTES = UNIT * UNIT_BYTES;

/** Whether the engine multiplies and adds in one instruction, which takes half as long. */
const hasFusedMultiplyAdd = isSupported(
  kernel(["i32"], ([at]) => [
    v128.store(at, f32x4.fusedMultiplyAdd(v128.load(at), v128.load(at), v128.load(at))),
  ]),
);

/** Returns a · b + c. */
export function multiplyAdd(a: Vector, b: Vector, c: Vector): Vector {
  return hasFusedMultiplyAdd ? f32x4.fusedMultiplyAdd(a, b, c) : f32x4.add(f32x4.multiply(a, b), c);
}

/**
 * Rows that are multiplied at once: their sums fill the processor's vector registers, besides two
 * vectors of weights, a number of the panel and, without a fused instruction, a product.
 */
export const ROWS = hasFusedMultiplyAdd ? 6 : 5;

/**
 * Multiplies a panel by weights.
 *
 * Parameters: addresses of the panel, the weights, the bias (one number per filter) and the result;
 * bytes between the panel's units of summed channels, and between the result's units of filters;
 * the numbers of units of summed channels, of rows by {@link ROWS}, and of units of filters.
 */
export const multiplyKernel: Kernel = kernel(
  ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
  ([panel, weights, bias, result, panelStep, resultStep, summed, groups, filters], variable) => {
    const [rows, target, group, from, weight, unit] = Array.from(
      { length: 6 },
      () => variable("i32"),
    );
    const sums = Array.from({ length: 2 * ROWS }, () => variable("v128"));
    const [low, high, number] = [variable("v128"), variable("v128"), variable("v128")];
    const advance = (at: typeof rows, bytes: number) => at.set(i32.add(at, i32.of(bytes)));
    const channels = Array.from({ length: UNIT }, (_, channel) => [
      low.set(v128.load(weight, channel * UNIT_BYTES)),
      high.set(v128.load(weight, channel * UNIT_BYTES + 16)),
      ...Array.from({ length: ROWS }, (_, row) => [
        number.set(v128.loadSplat(from, row * UNIT_BYTES + 4 * channel)),
        sums[2 * row].set(multiplyAdd(number, low, sums[2 * row])),
        sums[2 * row + 1].set(multiplyAdd(number, high, sums[2 * row + 1])),
      ]).flat(),
    ]).flat();
    return [
      loopWhile(i32.less(i32.of(0), filters), [
        rows.set(panel),
        target.set(result),
        group.set(groups),
        loopWhile(i32.less(i32.of(0), group), [
          ...sums.map((sum, i) => sum.set(v128.load(bias, 16 * (i % 2)))),
          from.set(rows),
          weight.set(weights),
          unit.set(summed),
          loopWhile(i32.less(i32.of(0), unit), [
            ...channels,
            from.set(i32.add(from, panelStep)),
            advance(weight, WEIGHT_BYTES),
            advance(unit, -1),
          ]),
          ...sums.map((sum, i) => v128.store(target, sum, 16 * i)),
          advance(rows, ROWS * UNIT_BYTES),
          advance(target, ROWS * UNIT_BYTES),
          advance(group, -1),
        ]),
        weights.set(i32.add(weights, i32.multiply(summed, i32.of(WEIGHT_BYTES)))),
        advance(bias, UNIT_BYTES),
        result.set(i32.add(result, resultStep)),
        advance(filters, -1),
      ]),
    ];
  },
);
