/**
 * Stops a worker in the middle of a call, when it does not receive messages.
 *
 * A flag is safer than terminating the worker, which during a run of ONNX Runtime frees memory that
 * the run still uses.
 */

import { isShared, newSharedMemory } from "../platform/shared_memory.ts";

/** A flag to pass as an argument of a call; shared with the worker if {@link reachesWorkers}. */
export type StopFlag = Int32Array<ArrayBufferLike>;

/** Creates a flag that is not raised. */
export function createStopFlag(): StopFlag {
  return new Int32Array(newSharedMemory(Int32Array.BYTES_PER_ELEMENT));
}

/** Whether workers see the flag. If they do not, they can only be stopped by terminating them. */
export function reachesWorkers(flag: StopFlag): boolean {
  return isShared(flag.buffer);
}

/** Raises the flag: whoever checks it stops. */
export function raise(flag: StopFlag): void {
  Atomics.store(flag, 0, 1);
}

/** Returns a check of the flag that has the interface of an abort signal. */
export function checkOf(flag: StopFlag): Pick<AbortSignal, "throwIfAborted"> {
  return {
    throwIfAborted() {
      if (Atomics.load(flag, 0) !== 0) throw new Error("Stopped");
    },
  };
}
