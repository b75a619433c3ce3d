/**
 * Memory of large arrays, given back at once and, in threads that wish so, used again.
 *
 * Left to the garbage collector several large arrays pile up, and it comes because of them: V8 goes
 * through all objects whenever 64 MB of arrays are new, which for scans is several times a case.
 * Fresh memory also costs the system a visit to each of its pages.
 */

/** Buffers that were freed and wait to be used again; undefined where none are kept. */
let kept: ArrayBuffer[] | undefined;

/** From now on this thread keeps memory that is freed: for one that works on case after case. */
export function keepFreedMemory(): void {
  kept ??= [];
}

/** A kind of typed array. */
interface ArrayType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}

/** An array of any content, in memory that was freed if there is enough. */
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
  // What is of no use now would come on top of what is taken instead.
  for (const buffer of kept.splice(0)) buffer.transfer(0);
  return new ArrayBuffer(bytes);
}

/** Frees an array's memory: nobody may use it afterwards, nor what shares its buffer. */
export function freeArray({ buffer }: { readonly buffer: ArrayBuffer }): void {
  if (kept) kept.push(buffer);
  else buffer.transfer(0);
}
