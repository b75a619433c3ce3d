/**
 * A stop sign that a worker sees while it is at work, when messages do not reach it.
 *
 * It is kinder than ending the worker, which in the middle of a run of ONNX Runtime takes away
 * memory that the run still uses.
 */

import { isShared, newSharedMemory } from "../platform/shared_memory.ts";

/** Seen by both sides if {@link reachesWorkers}; pass it as an argument of a call. */
export type StopFlag = Int32Array<ArrayBufferLike>;

/** Creates a flag that is not raised. */
export function createStopFlag(): StopFlag {
  return new Int32Array(newSharedMemory(Int32Array.BYTES_PER_ELEMENT));
}

/** Whether workers see the flag raised. Where they do not, ending them is the only way to stop them. */
export function reachesWorkers(flag: StopFlag): boolean {
  return isShared(flag.buffer);
}

/** Asks for an end. */
export function raise(flag: StopFlag): void {
  Atomics.store(flag, 0, 1);
}

/** The flag as something to check between steps. */
export function checkOf(flag: StopFlag): Pick<AbortSignal, "throwIfAborted"> {
  return {
    throwIfAborted() {
      if (Atomics.load(flag, 0) !== 0) throw new Error("Stopped");
    },
  };
}
