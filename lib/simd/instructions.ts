/**
 * Assembles WebAssembly instructions from expressions, for loops over many numbers, because V8 does
 * not vectorise JavaScript.
 *
 * WebAssembly is a stack machine: the code of an expression is the code of its operands followed by
 * an instruction. Functions that take operands and return an expression are therefore all that an
 * assembler needs.
 *
 * @see https://webassembly.github.io/spec/core/binary/instructions.html
 */

/** Value types; a vector holds four floats, four integers or two doubles. */
export type ValueType = "i32" | "f32" | "v128";

/** Code that leaves one value on the stack. */
export interface Expression<T extends ValueType> {
  readonly type: T;
  readonly code: readonly number[];
}

/** Code that leaves nothing on the stack. */
export type Statement = readonly number[];

/** An integer, or an address in bytes. */
export type Int = Expression<"i32">;
export type Float = Expression<"f32">;
export type Vector = Expression<"v128">;

/** A value that can be assigned. */
export interface Variable<T extends ValueType> extends Expression<T> {
  set(value: Expression<T>): Statement;
}

/** Returns the variable at an index among a function's parameters and local variables. */
export function variableAt<T extends ValueType>(type: T, index: number): Variable<T> {
  return {
    type,
    code: [0x20, ...unsigned(index)],
    set: ({ code }) => [...code, 0x21, ...unsigned(index)],
  };
}

/** Repeats statements while a condition holds; it is tested before the first iteration. */
export function loopWhile(condition: Int, statements: readonly Statement[]): Statement {
  const block = 0x02, loop = 0x03, withoutResult = 0x40, end = 0x0b;
  const branch = 0x0c, branchIf = 0x0d, isZero = 0x45;
  const leave = 1, again = 0;
  return [
    ...[block, withoutResult, loop, withoutResult],
    ...[...condition.code, isZero, branchIf, leave],
    ...[...statements.flat(), branch, again],
    ...[end, end],
  ];
}

export const i32 = {
  of: (value: number): Int => ({ type: "i32", code: [0x41, ...signed(value)] }),
  add: (a: Int, b: Int): Int => compute("i32", [a, b], 0x6a),
  subtract: (a: Int, b: Int): Int => compute("i32", [a, b], 0x6b),
  multiply: (a: Int, b: Int): Int => compute("i32", [a, b], 0x6c),
  /** 1 if a < b, otherwise 0. */
  less: (a: Int, b: Int): Int => compute("i32", [a, b], 0x48),
};

export const v128 = {
  /** Loads 16 bytes from an address. */
  load: (address: Int, offset = 0): Vector =>
    compute("v128", [address], ...simd(0x00), 0, ...unsigned(offset)),
  store: (address: Int, value: Vector, offset = 0): Statement => [
    ...address.code,
    ...value.code,
    ...simd(0x0b),
    0,
    ...unsigned(offset),
  ],
  /** Loads one float from an address and repeats it four times. */
  loadSplat: (address: Int, offset = 0): Vector =>
    compute("v128", [address], ...simd(0x09), 0, ...unsigned(offset)),
  and: binary(0x4e),
  or: binary(0x50),
  xor: binary(0x51),
  /** Selects bits of `a` where the mask has ones and of `b` where it has zeros. */
  select: (mask: Vector, a: Vector, b: Vector): Vector =>
    compute("v128", [a, b, mask], ...simd(0x52)),
  /** Reorders the bytes of a vector. */
  shuffle: (value: Vector, order: readonly number[]): Vector =>
    compute("v128", [value, value], ...simd(0x0d), ...order),
};

/** Four floats. */
export const f32x4 = {
  /** Repeats a number four times. */
  of: (value: number): Vector => constant(Float32Array.of(value, value, value, value)),
  splat: (value: Float): Vector => compute("v128", [value], ...simd(0x13)),
  add: binary(0xe4),
  subtract: binary(0xe5),
  multiply: binary(0xe6),
  divide: binary(0xe7),
  sqrt: unary(0xe3),
  /** Returns `b` where it is less, otherwise `a`, including where `a` is NaN. */
  min: binary(0xea),
  /** Returns `b` where it is greater, otherwise `a`, including where `a` is NaN. */
  max: binary(0xeb),
  /** a · b + c, rounded once; not every engine has it. */
  fusedMultiplyAdd: (a: Vector, b: Vector, c: Vector): Vector =>
    compute("v128", [a, b, c], ...simd(0x105)),
  fromInts: unary(0xfa),
  fromUnsignedInts: unary(0xfb),
};

/** Four 32-bit integers. */
export const i32x4 = {
  of: (...values: readonly [number, number, number, number]): Vector =>
    constant(Int32Array.from(values)),
  splat: (value: Int): Vector => compute("v128", [value], ...simd(0x11)),
  add: binary(0xae),
  subtract: binary(0xb1),
  shiftLeft: (value: Vector, bits: number): Vector => shift(0xab, value, bits),
  /** Shifts in zeros; `shiftRightSigned` shifts in the sign. */
  shiftRight: (value: Vector, bits: number): Vector => shift(0xad, value, bits),
  shiftRightSigned: (value: Vector, bits: number): Vector => shift(0xac, value, bits),
};

/** Two doubles. */
export const f64x2 = {
  add: binary(0xf0),
  multiply: binary(0xf2),
  /** Converts the first two of four floats. */
  fromFloats: unary(0x5f),
};

function compute<T extends ValueType>(
  type: T,
  operands: readonly Expression<ValueType>[],
  ...instruction: number[]
): Expression<T> {
  return { type, code: [...operands.flatMap(({ code }) => code), ...instruction] };
}

function constant({ buffer }: Float32Array | Int32Array): Vector {
  return { type: "v128", code: [...simd(0x0c), ...new Uint8Array(buffer)] };
}

function unary(opcode: number) {
  return (a: Vector): Vector => compute("v128", [a], ...simd(opcode));
}

function binary(opcode: number) {
  return (a: Vector, b: Vector): Vector => compute("v128", [a, b], ...simd(opcode));
}

function shift(opcode: number, value: Vector, bits: number): Vector {
  return compute("v128", [value, i32.of(bits)], ...simd(opcode));
}

/** Returns the code of a vector instruction, which has a prefix. */
function simd(opcode: number): number[] {
  return [0xfd, ...unsigned(opcode)];
}

/** Encodes a number as unsigned LEB128: groups of seven bits, lowest first. */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [value & 0x7f | 0x80, ...unsigned(value >>> 7)];
}

/** Encodes a 32-bit number as signed LEB128. */
function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40
    ? [value & 0x7f]
    : [value & 0x7f | 0x80, ...signed(value >> 7)];
}
