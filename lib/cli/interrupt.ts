/** Ctrl-C: the first asks for an orderly end, the second ends at once. */

/**
 * A signal that Ctrl-C aborts.
 *
 * @param message What the user reads in the end.
 */
export function interruptSignal(message: string): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) Deno.exit(130);
    console.error("\nStopping after the step under way; Ctrl-C again ends at once");
    controller.abort(new Error(message));
  };
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  return controller.signal;
}
