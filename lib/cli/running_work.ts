/** Knows the work in progress, so that it can be stopped from elsewhere. */

interface Work {
  readonly controller: AbortController;
  readonly message: string;
}

const works = new Set<Work>();

/**
 * Registers work that can be stopped.
 *
 * @param message What to tell users once it has stopped.
 * @returns The signal that stops it.
 */
export function registerWork(message: string): AbortSignal {
  const controller = new AbortController();
  works.add({ controller, message });
  return controller.signal;
}

/**
 * Stops all work.
 *
 * @param reason Makes the error that the signals are aborted with from the message of the work.
 * @returns Whether there is any.
 */
export function stopWork(reason: (message: string) => Error): boolean {
  for (const { controller, message } of works) controller.abort(reason(message));
  return works.size > 0;
}
