/** Damages bytes as disks, networks and malice do. */

import type { Generator } from "../../lib/random/generator.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Numbers that headers are rarely tested with. */
const extremes = [
  0,
  1,
  -1,
  2,
  127,
  128,
  255,
  256,
  32767,
  32768,
  65535,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
];
const extremeFloats = [0, -0, NaN, Infinity, -Infinity, 1e-45, -1, 1e38, 1e308];
const extremeTexts = [
  ...[
    "-1",
    "0",
    "nan",
    "inf",
    "1e999",
    "99999999999",
    "4294967296",
    "1.5",
    "",
    "0x10",
    "١",
    "\u0000",
  ],
];

const pick = <T>(generator: Generator, values: readonly T[]): T =>
  values[generator.integer(0, values.length)];

/** A position, more often in the first bytes or the last, where headers and directories are. */
function position(generator: Generator, length: number): number {
  const where = generator.uniform();
  if (where < 0.45) return generator.integer(0, Math.min(length, 400));
  if (where < 0.6) return Math.max(0, length - 1 - generator.integer(0, Math.min(length, 120)));
  return generator.integer(0, length);
}

/** A range of bytes. */
function range(generator: Generator, length: number): [start: number, end: number] {
  const start = position(generator, length);
  return [start, Math.min(length, start + 1 + generator.integer(0, pick(generator, [4, 16, 200])))];
}

const join = (...parts: readonly Uint8Array[]): Bytes => {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

type Mutation = (bytes: Bytes, generator: Generator) => Bytes;

const changed = (change: (bytes: Bytes, generator: Generator) => void): Mutation =>
(
  bytes,
  generator,
) => {
  const copy = bytes.slice();
  change(copy, generator);
  return copy;
};

/** Writes a number of some width and byte order, if it fits. */
const setNumber: Mutation = changed((bytes, generator) => {
  const at = position(generator, bytes.length);
  const view = new DataView(bytes.buffer);
  const little = generator.uniform() < 0.7;
  const width = pick(generator, [2, 4, 8, -4, -8]);
  if (at + Math.abs(width) > bytes.length) return;
  if (width === 2) view.setInt16(at, pick(generator, extremes), little);
  if (width === 4) view.setInt32(at, pick(generator, extremes), little);
  if (width === 8) view.setBigInt64(at, BigInt(pick(generator, extremes)), little);
  if (width === -4) view.setFloat32(at, pick(generator, extremeFloats), little);
  if (width === -8) view.setFloat64(at, pick(generator, extremeFloats), little);
});

/** Replaces one of the decimal numbers in a text header. */
const setText: Mutation = (bytes, generator) => {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 2000));
  const numbers = [...head.matchAll(/-?\d+(\.\d+)?/g)];
  if (numbers.length === 0) return setNumber(bytes, generator);
  const { index, 0: { length } } = pick(generator, numbers);
  const text = new TextEncoder().encode(pick(generator, extremeTexts));
  return join(bytes.subarray(0, index), text, bytes.subarray(index + length));
};

const mutations: readonly Mutation[] = [
  changed((bytes, generator) =>
    bytes[position(generator, bytes.length)] ^= 1 << generator.integer(0, 8)
  ),
  changed((bytes, generator) =>
    bytes[position(generator, bytes.length)] = generator.integer(0, 256)
  ),
  changed((bytes, generator) =>
    bytes[position(generator, bytes.length)] = pick(generator, [0, 1, 127, 128, 255])
  ),
  setNumber,
  setNumber,
  setText,
  setText,
  (bytes, generator) => bytes.slice(0, position(generator, bytes.length)),
  (bytes, generator) => join(bytes, new Uint8Array(generator.integer(1, 5000))),
  (bytes, generator) => {
    const [start, end] = range(generator, bytes.length);
    return join(bytes.subarray(0, start), bytes.subarray(end));
  },
  (bytes, generator) => {
    const [start, end] = range(generator, bytes.length);
    return join(bytes.subarray(0, end), bytes.subarray(start, end), bytes.subarray(end));
  },
  changed((bytes, generator) =>
    bytes.subarray(...range(generator, bytes.length)).fill(pick(generator, [0, 255]))
  ),
  changed((bytes, generator) => {
    for (const i of bytes.subarray(...range(generator, bytes.length)).keys()) {
      bytes[i] = generator.integer(0, 256);
    }
  }),
];

/** Damages bytes in one to four places. */
export function mutateBytes(bytes: Bytes, generator: Generator): Bytes {
  let damaged = bytes;
  for (let left = pick(generator, [1, 1, 1, 2, 2, 4]); left > 0 && damaged.length > 0; left--) {
    damaged = pick(generator, mutations)(damaged, generator);
  }
  return damaged;
}
