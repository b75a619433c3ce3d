/**
 * Allocates large arrays whose memory is freed immediately and, in threads that enable it, reused.
 *
 * Left to the garbage collector, large arrays accumulate and trigger collections: V8 visits all
 * objects after every 64 MB of new arrays, which for scans is several times per case. The system
 * also has to prepare every page of fresh memory.
 */

/** Freed buffers available for reuse; undefined in threads that keep none. */
let kept: ArrayBuffer[] | undefined;

/** Makes this thread keep freed memory for reuse, for threads that process many cases. */
export function keepFreedMemory(): void {
  kept ??= [];
}

/** A kind of typed array. */
interface ArrayType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}

/**
 * Returns an array with undefined content, in kept memory if a buffer fits.
 *
 * @param Type The typed array's class.
 * @param length Its number of elements.
 */
export function takeArray<T>(Type: ArrayType<T>, length: number): T {
  return new Type(takeBuffer(length * Type.BYTES_PER_ELEMENT), 0, length);
}

function takeBuffer(bytes: number): ArrayBuffer {
  if (!kept) return new ArrayBuffer(bytes);
  const fitting = kept.filter(({ byteLength }) => byteLength >= bytes && byteLength <= 2 * bytes)
    .sort((a, b) => a.byteLength - b.byteLength)[0];
  if (fitting) {
    kept.splice(kept.indexOf(fitting), 1);
    return fitting;
  }
  // Frees buffers that do not fit, which would otherwise stay in memory alongside the new one.
  for (const buffer of kept.splice(0)) buffer.transfer(0);
  return new ArrayBuffer(bytes);
}

/** Frees an array's memory. Neither it nor another array on its buffer may be used afterwards. */
export function freeArray({ buffer }: { readonly buffer: ArrayBuffer }): void {
  if (kept) kept.push(buffer);
  else buffer.transfer(0);
}
