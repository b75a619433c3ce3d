/** Handles Ctrl-C: the first stops the work in an orderly way, the second exits immediately. */

/**
 * Returns a signal that is aborted by Ctrl-C (SIGINT) or SIGTERM; a second one exits the process.
 *
 * @param message Message of the error that the signal is aborted with.
 * @returns The signal.
 *
 * @example
 * ```ts ignore
 * import { interruptSignal } from "nnunet/cli";
 *
 * const signal = interruptSignal("Stopped; finished cases are kept");
 * await plans.preprocess(dataset, { signal });
 * ```
 */
export function interruptSignal(message: string): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) Deno.exit(130);
    console.error("\nStopping after the current step; press Ctrl-C again to exit immediately");
    controller.abort(new Error(message));
  };
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  return controller.signal;
}
