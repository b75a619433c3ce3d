/** Scratch memory of the kernels, to and from which operands are copied. */

/** Bytes of a page, the unit by which the memory grows. */
const PAGE = 65536;

/** Byte offsets of the vectors that kernels process per step: four, so that none stalls. */
export const STEP_OFFSETS = [0, 16, 32, 48];
/** Bytes processed per step. */
export const STEP = 64;

/** Bytes before and after each array, because kernels always complete a step. */
const MARGIN = STEP;

/** Floats per strip: few enough to stay in a cache, enough to amortise the copies. */
const STRIP = 32768;

/**
 * The memory of all kernels. It is larger than usually needed so that it rarely grows; pages that
 * are never used take no physical memory.
 */
export const scratchMemory = new WebAssembly.Memory({ initial: 1024 });

/** The properties of a typed array that kernels need: its address and element size. */
export interface ScratchArray {
  readonly byteOffset: number;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * Returns arrays in {@link scratchMemory} with undefined content. Kernels address them by their
 * `byteOffset`. They are valid until the next call, which returns the same memory.
 *
 * @param like A typed array of the required type.
 * @param lengths Number of elements of each array.
 */
export function scratchLike<T extends ScratchArray>(like: T, ...lengths: readonly number[]): T[] {
  let next = MARGIN;
  const addresses = lengths.map((length) => {
    const address = next;
    next += Math.ceil(length * like.BYTES_PER_ELEMENT / MARGIN) * MARGIN + MARGIN;
    return address;
  });
  const missing = next - scratchMemory.buffer.byteLength;
  if (missing > 0) scratchMemory.grow(Math.ceil(missing / PAGE));
  const ArrayType = like.constructor as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => T;
  return addresses.map((at, i) => new ArrayType(scratchMemory.buffer, at, lengths[i]));
}

/**
 * Processes floats strip by strip.
 *
 * @param act Receives a copy of a strip in {@link scratchMemory}, the number of valid floats, and the
 * index of the first.
 */
export function forEachStrip(
  values: Float32Array,
  act: (strip: Float32Array, count: number, from: number) => void,
): void {
  const [strip] = scratchLike(values, STRIP);
  for (let from = 0; from < values.length; from += STRIP) {
    const part = values.subarray(from, from + STRIP);
    strip.set(part);
    act(strip, part.length, from);
  }
}

/** Like {@link forEachStrip}, but writes the modified strips back. */
export function changeStrips(
  values: Float32Array,
  act: (strip: Float32Array, count: number, from: number) => void,
): void {
  forEachStrip(values, (strip, count, from) => {
    act(strip, count, from);
    values.set(count < STRIP ? strip.subarray(0, count) : strip, from);
  });
}
