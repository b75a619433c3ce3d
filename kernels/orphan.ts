/** Ends processes that serve no purpose without their parent. */

/** Milliseconds between checks. */
const INTERVAL = 1000;

/** Calls a function when the parent process has ended. Does not keep the process alive. */
export function whenOrphaned(act: () => void): void {
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid !== parent) act();
  }, INTERVAL);
  Deno.unrefTimer(timer);
}
