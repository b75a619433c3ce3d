/** Simulates a platform without shared memory, such as most web pages. */

/** Runs a function without `SharedArrayBuffer` in this thread; workers still have it. */
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
