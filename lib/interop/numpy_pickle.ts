/**
 * Reads NumPy's data in pickles: scalars become numbers, arrays become tensors.
 *
 * @see numpy `ndarray.__reduce__` and `dtype.__setstate__`, which write these states
 */

import { sizeOf, stridesOf } from "../array/nd_array.ts";
import { MAX_AXES } from "../untrusted/limits.ts";
import type { PickleGlobal } from "./pickle_reader.ts";
import { decodeElements, elementBytes, gatherStrided, type StoredDtype } from "./tensor.ts";

const storedDtypes: Readonly<Record<string, StoredDtype>> = {
  b1: "bool",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/** A `numpy.dtype` during reading. */
interface NumpyDtype {
  readonly stored: StoredDtype;
}

/** Evaluates `numpy.dtype("f4", align, copy)`; the byte order is in the state. */
function makeDtype([code]: readonly unknown[]): NumpyDtype {
  const name = typeof code === "string" ? code : "unnamed";
  const stored = Object.hasOwn(storedDtypes, name) ? storedDtypes[name] : undefined;
  if (!stored) {
    throw new TypeError(`Cannot read NumPy data: its dtype is ${name}, expected numbers`);
  }
  return { stored };
}

function checkByteOrder(_dtype: unknown, state: unknown) {
  if (Array.isArray(state) && ["<", "=", "|"].includes(state[1])) return;
  throw new TypeError("Cannot read NumPy data: it is not little-endian");
}

/** Decodes elements in memory order. */
function decode(dtype: unknown, bytes: unknown) {
  const stored = (dtype as NumpyDtype | null)?.stored;
  if (!stored || !(bytes instanceof Uint8Array) || bytes.length % elementBytes(stored) !== 0) {
    throw new SyntaxError("Cannot read NumPy data: it lacks its dtype or bytes");
  }
  return decodeElements(bytes as Uint8Array<ArrayBuffer>, stored);
}

function makeScalar([dtype, bytes]: readonly unknown[]): number | bigint | boolean {
  const elements = decode(dtype, bytes);
  if (elements.data.length !== 1) {
    throw new SyntaxError(`Cannot read NumPy scalar: it has ${elements.data.length} values`);
  }
  const [value] = elements.data;
  if (elements.dtype === "bool") return value !== 0;
  const number = Number(value);
  return elements.dtype === "int64" && !Number.isSafeInteger(number) ? value : number;
}

/** Creates an empty array, as NumPy's pickles do; its state fills it. */
function makeArray(): object {
  return { shape: [0], data: new Uint8Array(0), dtype: "uint8" };
}

function fillArray(array: unknown, state: unknown) {
  const [, shape, dtype, isFortranOrder, bytes] = Array.isArray(state) ? state : [];
  const elements = decode(dtype, bytes);
  if (!isShape(shape)) throw new SyntaxError("Cannot read NumPy array: it lacks its shape");
  // The size is only compared, so a shape cannot allocate memory.
  if (sizeOf(shape) !== elements.data.length) {
    throw new SyntaxError(
      `Cannot read NumPy array: it has ${elements.data.length} elements, expected ` +
        `those of shape (${shape})`,
    );
  }
  const data = isFortranOrder
    ? gatherStrided(elements.data, shape, stridesOf([...shape].reverse()).reverse())
    : elements.data;
  Object.assign(array as object, { shape: [...shape], data, dtype: elements.dtype });
}

/** Returns whether a value is a tuple or list of extents, of at most {@link MAX_AXES} axes. */
export function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length <= MAX_AXES &&
    value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
}

/** Evaluates `_codecs.encode`, by which protocol 2 writes bytes as Latin-1 strings. */
function encodeLatin1([text, encoding]: readonly unknown[]): Uint8Array<ArrayBuffer> {
  if (typeof text !== "string" || encoding !== "latin1") {
    throw new SyntaxError("Cannot read pickle: it encodes something other than a Latin-1 string");
  }
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Returns a global under both names of NumPy's core: NumPy 2 renamed it `numpy._core`. */
const inBothCores = (name: string, global: Omit<PickleGlobal, "name">): PickleGlobal[] =>
  ["numpy.core", "numpy._core"].map((core) => ({ name: `${core}.${name}`, ...global }));

/** The globals of NumPy scalars and arrays, and of `bytes` in protocol 2. */
export const numpyGlobals: readonly PickleGlobal[] = [
  { name: "numpy.dtype", call: makeDtype, setState: checkByteOrder },
  { name: "numpy.ndarray" },
  ...inBothCores("multiarray.scalar", { call: makeScalar }),
  ...inBothCores("multiarray._reconstruct", { call: makeArray, setState: fillArray }),
  { name: "_codecs.encode", call: encodeLatin1 },
  { name: "builtins.bytes", call: () => new Uint8Array(0) },
];
