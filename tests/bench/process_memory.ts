/** Reads this process's memory use on Linux. */

/**
 * Resident memory of this process in bytes: the current value (`VmRSS`) or the peak (`VmHWM`).
 *
 * @throws {Error} On systems other than Linux.
 */
export function processMemory(key: "VmRSS" | "VmHWM"): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
}
