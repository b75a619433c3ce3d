/**
 * Creates memory that threads share.
 *
 * A web page has shared memory only if its server isolates it from other pages. Without it, results
 * are the same, but threads that would share memory are not used, and stopping a busy worker means
 * terminating it.
 */

/** Returns whether threads can share memory on this platform. */
export function hasSharedMemory(): boolean {
  return typeof SharedArrayBuffer !== "undefined";
}

/** Returns whether memory is shared with the threads it is sent to, rather than copied. */
export function isShared(memory: ArrayBufferLike): boolean {
  return hasSharedMemory() && memory instanceof SharedArrayBuffer;
}

/** Allocates zeros: shared memory if possible, otherwise memory of this thread only. */
export function newSharedMemory(bytes: number): ArrayBufferLike {
  return hasSharedMemory() ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}
