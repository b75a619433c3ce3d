/**
 * Memory that several threads see.
 *
 * A web page has it only where its server isolates it from other pages. Without it, results are the
 * same, but threads that would share memory are left out, and a worker at work cannot be stopped but
 * by ending it.
 */

/** Whether threads can share memory here. */
export function hasSharedMemory(): boolean {
  return typeof SharedArrayBuffer !== "undefined";
}

/** Whether memory is seen by every thread that it is sent to, rather than copied. */
export function isShared(memory: ArrayBufferLike): boolean {
  return hasSharedMemory() && memory instanceof SharedArrayBuffer;
}

/** Takes memory, all zeros: shared where that is possible, otherwise this thread's alone. */
export function newSharedMemory(bytes: number): ArrayBufferLike {
  return hasSharedMemory() ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}
