/** A platform without shared memory, as most web pages are. */

/** Runs with `SharedArrayBuffer` missing in this thread; workers still have it. */
export async function withoutSharedMemory(run: () => void | Promise<void>): Promise<void> {
  const { SharedArrayBuffer } = globalThis;
  Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
  try {
    await run();
  } finally {
    Object.defineProperty(globalThis, "SharedArrayBuffer", {
      value: SharedArrayBuffer,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
}
