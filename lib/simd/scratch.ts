/** Memory that kernels work in: their operands are copied there and back. */

/** Bytes of a page, the unit that the memory grows by. */
const PAGE = 65536;

/** Where the vectors lie that kernels take in a step: of four, none waits for the one before it. */
export const STEP_OFFSETS = [0, 16, 32, 48];
/** Bytes of a step. */
export const STEP = 64;

/** Bytes before and after each array: kernels go on to the end of a step. */
const MARGIN = STEP;

/** Floats of a strip: few enough to stay in a cache, enough for copying to cost little a float. */
const STRIP = 32768;

/**
 * All kernels' memory. It is larger than what is likely to be asked for, so that it need not grow:
 * pages that nobody touched take no memory.
 */
export const scratchMemory = new WebAssembly.Memory({ initial: 1024 });

/** What kernels need to know about a typed array: where it begins and how large its elements are. */
export interface ScratchArray {
  readonly byteOffset: number;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * Arrays in {@link scratchMemory} with undefined content. Kernels address them by their
 * `byteOffset`. They are valid until the next call, which returns the same memory.
 *
 * @param like A typed array of the wanted type.
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
 * Goes through floats strip by strip.
 *
 * @param act Gets a copy of a strip in {@link scratchMemory}, how many of its floats count, and the
 * place of the first.
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

/** As {@link forEachStrip}, and what became of the copies takes the floats' place. */
export function changeStrips(
  values: Float32Array,
  act: (strip: Float32Array, count: number, from: number) => void,
): void {
  forEachStrip(values, (strip, count, from) => {
    act(strip, count, from);
    values.set(count < STRIP ? strip.subarray(0, count) : strip, from);
  });
}
