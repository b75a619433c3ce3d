/**
 * Large arrays whose memory is freed at once and, in threads that ask for it, used again.
 *
 * If they are left to the garbage collector, several large arrays pile up, and they trigger it: V8
 * visits all objects whenever 64 MB of arrays are new, which for scans is several times per case.
 * The system also has to prepare every page of fresh memory.
 */

/** Freed buffers to be used again; undefined in threads that keep none. */
let kept: ArrayBuffer[] | undefined;

/** Makes this thread keep freed memory from now on, for threads that work on case after case. */
export function keepFreedMemory(): void {
  kept ??= [];
}

/** A kind of typed array. */
interface ArrayType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}

/**
 * Makes an array whose content is undefined, in freed memory if enough of it was kept.
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
  // Buffers that do not fit would otherwise stay in memory beside the new one.
  for (const buffer of kept.splice(0)) buffer.transfer(0);
  return new ArrayBuffer(bytes);
}

/** Frees an array's memory. Neither it nor another array on its buffer may be used afterwards. */
export function freeArray({ buffer }: { readonly buffer: ArrayBuffer }): void {
  if (kept) kept.push(buffer);
  else buffer.transfer(0);
}
