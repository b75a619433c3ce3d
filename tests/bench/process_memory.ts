/** How much memory this process takes, by Linux's account. */

/**
 * Bytes in memory now (`VmRSS`), or at most so far (`VmHWM`), which a process remembers for ever.
 *
 * @throws {Error} On other systems.
 */
export function processMemory(key: "VmRSS" | "VmHWM"): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
}
