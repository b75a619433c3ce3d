import assert from "node:assert/strict";
import {
  f32x4,
  f64x2,
  i32,
  i32x4,
  loopWhile,
  v128,
  type Vector,
} from "../../lib/simd/instructions.ts";
import { compileKernels, kernel } from "../../lib/simd/kernel.ts";
import { scratchLike } from "../../lib/simd/scratch.ts";

/** Returns a kernel's result for two vectors of floats. */
function compute(expression: (a: Vector, b: Vector) => Vector, a: number[], b: number[]) {
  const { run } = compileKernels({
    run: kernel(["i32"], ([at]) => [
      v128.store(at, expression(v128.load(at), v128.load(at, 16)), 32),
    ]),
  });
  const [floats] = scratchLike(new Float32Array(0), 12);
  floats.set([...a, ...b]);
  run(floats.byteOffset);
  return floats.slice(8);
}

const a = [1, -2, 3.5, 0], b = [4, 0.5, -7, 2];

for (
  const [name, expression, expected] of [
    ["add", f32x4.add, [5, -1.5, -3.5, 2]],
    ["subtract", f32x4.subtract, [-3, -2.5, 10.5, -2]],
    ["multiply", f32x4.multiply, [4, -1, -24.5, 0]],
    ["divide", f32x4.divide, [0.25, -4, -0.5, 0]],
    ["min", f32x4.min, [1, -2, -7, 0]],
    ["max", f32x4.max, [4, 0.5, 3.5, 2]],
    ["sqrt", (x: Vector) => f32x4.sqrt(f32x4.multiply(x, x)), [1, 2, 3.5, 0]],
    ["of", () => f32x4.of(-1.25), [-1.25, -1.25, -1.25, -1.25]],
    ["fromInts", () => f32x4.fromInts(i32x4.of(-1, 2, 1e6, -300)), [-1, 2, 1e6, -300]],
    [
      "fromUnsignedInts",
      () => f32x4.fromUnsignedInts(i32x4.of(-1, 2, 3, 4)),
      [2 ** 32, 2, 3, 4],
    ],
  ] as const
) {
  Deno.test(`f32x4.${name}() computes four floats`, () => {
    assert.deepEqual(Array.from(compute(expression, a, b)), expected);
  });
}

Deno.test("f32x4.min() and max() keep NaN in the first operand", () => {
  const nothing = [NaN, NaN, NaN, NaN];
  assert.deepEqual(Array.from(compute(f32x4.min, nothing, b)), nothing);
  assert.deepEqual(Array.from(compute(f32x4.max, nothing, b)), nothing);
});

for (
  const [name, vector, expected] of [
    ["add", i32x4.add(i32x4.of(1, -2, 3, 70), i32x4.of(1, 1, 1, 2 ** 20)), [2, -1, 4, 1048646]],
    ["subtract", i32x4.subtract(i32x4.of(1, 2, 3, 4), i32x4.of(4, 3, 2, 1)), [-3, -1, 1, 3]],
    ["splat", i32x4.splat(i32.of(-65)), [-65, -65, -65, -65]],
    ["shiftLeft", i32x4.shiftLeft(i32x4.of(1, 2, 3, -1), 4), [16, 32, 48, -16]],
    ["shiftRight", i32x4.shiftRight(i32x4.of(16, 5, 1, -1), 1), [8, 2, 0, 2 ** 31]],
    ["shiftRightSigned", i32x4.shiftRightSigned(i32x4.of(16, 5, 1, -4), 1), [8, 2, 0, -2]],
  ] as const
) {
  Deno.test(`i32x4.${name}() computes four integers`, () => {
    assert.deepEqual(Array.from(compute(() => f32x4.fromInts(vector), a, b)), expected);
  });
}

for (
  const [name, vector, expected] of [
    ["and", v128.and(i32x4.of(12, 10, 0, -1), i32x4.of(10, 10, 1, 7)), [8, 10, 0, 7]],
    ["or", v128.or(i32x4.of(12, 10, 0, 1), i32x4.of(10, 10, 1, 6)), [14, 10, 1, 7]],
    ["xor", v128.xor(i32x4.of(12, 10, 0, 1), i32x4.of(10, 10, 1, 6)), [6, 0, 1, 7]],
    [
      "select",
      v128.select(i32x4.of(-1, 0, 1, -2), i32x4.of(1, 2, 3, 4), i32x4.of(5, 6, 7, 8)),
      [1, 6, 7, 4],
    ],
    [
      "shuffle",
      v128.shuffle(i32x4.of(1, 2, 3, 256), [4, 5, 6, 7, 0, 1, 2, 3, 13, 13, 13, 13, 8, 9, 10, 11]),
      [2, 1, 0x01010100, 3],
    ],
  ] as const
) {
  Deno.test(`v128.${name}() computes with bits`, () => {
    assert.deepEqual(Array.from(compute(() => f32x4.fromInts(vector), a, b)), expected);
  });
}

Deno.test("f64x2 computes two doubles from the first two of four floats", () => {
  const { run } = compileKernels({
    run: kernel(["i32"], ([at]) => {
      const doubles = f64x2.fromFloats(v128.load(at));
      return [v128.store(at, f64x2.add(doubles, f64x2.multiply(doubles, doubles)))];
    }),
  });
  const [floats] = scratchLike(new Float32Array(0), 4);
  floats.set([3, 2 ** -20, 5, 6]);
  run(floats.byteOffset);
  const doubles = new Float64Array(floats.buffer, floats.byteOffset, 2);
  assert.deepEqual(Array.from(doubles), [12, 2 ** -20 + 2 ** -40]);
});

Deno.test("kernel() supports parameters, variables and loops without iterations", () => {
  const kernels = compileKernels({
    powers: kernel(["i32", "i32", "f32"], ([at, count, base], variable) => {
      const end = variable("i32"), power = variable("v128");
      return [
        end.set(i32.add(at, i32.multiply(count, i32.of(16)))),
        power.set(f32x4.of(1)),
        loopWhile(i32.less(at, end), [
          power.set(f32x4.multiply(power, f32x4.splat(base))),
          v128.store(at, power),
          at.set(i32.subtract(at, i32.of(-16))),
        ]),
      ];
    }),
    nothing: kernel([], () => []),
  });
  const [floats] = scratchLike(new Float32Array(0), 800);
  floats.fill(0);
  kernels.nothing();
  kernels.powers(floats.byteOffset, 0, 2);
  assert.equal(floats[0], 0);
  kernels.powers(floats.byteOffset, 3, -2);
  assert.deepEqual(Array.from(floats.subarray(0, 16)), [
    ...[-2, -2, -2, -2, 4, 4, 4, 4, -8, -8, -8, -8, 0, 0, 0, 0],
  ]);
});
