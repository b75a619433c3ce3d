/** Processes that are of no use without the one that started them. */

/** Milliseconds between looks. */
const INTERVAL = 1000;

/** Does something when the process that started this one is gone. Keeps nothing alive. */
export function whenOrphaned(act: () => void): void {
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid !== parent) act();
  }, INTERVAL);
  Deno.unrefTimer(timer);
}
