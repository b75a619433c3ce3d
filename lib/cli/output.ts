/**
 * Writes to standard output and standard error. If standard output is closed, as by `nnunet train … | head -1`, or its disk is full,
 * the work in progress is stopped: nobody would see its results, but its state is kept.
 */

import { FileError } from "../platform/file_error.ts";
import { stopWork } from "./running_work.ts";

/** The first error of standard output. */
let failure: Error | undefined;

/** Writes text to standard output. @throws {Error} If it fails and no work can be stopped. */
export function writeOutput(text: string): void {
  if (failure) return;
  try {
    writeAll(Deno.stdout, text);
  } catch (cause) {
    const error = failure = new Error(reasonOf(cause), { cause });
    if (!stopWork((message) => new Error(`${error.message}. ${message}`, { cause }))) throw error;
  }
}

/** Writes text to standard error; a failure has nowhere to be reported. */
export function writeErrorOutput(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // The exit code remains.
  }
}

/** Returns the error of standard output, if there was one. */
export function outputFailure(): Error | undefined {
  return failure;
}

function reasonOf(cause: unknown): string {
  const { code } = cause as { code?: string };
  if (code === "EPIPE" || code === "EIO") return "Standard output was closed";
  return `Cannot write to standard output: ${new FileError("write", "-", cause).reason}`;
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) {
    try {
      done += stream.writeSync(bytes.subarray(done));
    } catch (error) {
      // The reader of a pipe that does not block is slower than this process.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
