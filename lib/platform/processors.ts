/** Counts this machine's processors. */

import { environmentVariable } from "./environment.ts";

/** Names the variable that says how many processors a job was given. */
const VARIABLE = "NNUNET_CPUS";

/**
 * Returns the number of logical processors that this process may use. Deno takes into account which
 * are assigned to it and the share of time that its container has. Schedulers that count processors
 * without assigning them are heard through the variable `NNUNET_CPUS`, which their jobs set.
 */
export function processorCount(): number {
  const all = navigator.hardwareConcurrency;
  const given = Number(environmentVariable(VARIABLE) || NaN);
  return given >= 1 ? Math.min(all, Math.floor(given)) : all;
}
