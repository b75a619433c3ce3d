/** Locates and starts workers. */

import { getPriority, setPriority } from "node:os";
import { relay } from "./file_messages.ts";
import { notebookKernel } from "./notebook_kernel.ts";

/** Name of workers that a notebook has started; threads have no other way to know. */
const NOTEBOOKS_WORKER = "started by a notebook";

/** Steps by which a notebook's workers give way, as of nice(1). */
const NICENESS = 5;

const LEAST_PRIORITY = 19;

/**
 * Returns the address of a worker's module.
 *
 * Bundled modules have no addresses, only names, so workers' file names are unique across folders.
 *
 * @param module Path relative to the calling module, such as `./label_worker.ts`.
 * @param meta `import.meta` of the calling module.
 */
export function workerAddress(module: string, meta: ImportMeta): string {
  return meta.resolve(module);
}

/** Starts a worker; it reports errors as events. @param address From {@link workerAddress}. */
export function startWorker(address: string): Worker {
  const name = notebookKernel() ? NOTEBOOKS_WORKER : "";
  const worker = new Worker(address, { type: "module", name });
  relay(worker);
  return worker;
}

/**
 * Gives the calling worker, and the threads that it starts from now on, a lower priority if a
 * notebook has started it: where threads outnumber processors, the notebook's own would otherwise wait
 * for its turn, and clicks and prints with it. Only Linux has priorities of threads.
 */
export function yieldToNotebook(): void {
  const { name } = globalThis as { readonly name?: string };
  if (name !== NOTEBOOKS_WORKER || Deno.build.os !== "linux") return;
  try {
    const thread = Number(Deno.readLinkSync("/proc/thread-self").split("/").at(-1));
    setPriority(thread, Math.min(getPriority(thread) + NICENESS, LEAST_PRIORITY));
  } catch {
    // Kernels with fewer permissions, and containers without /proc, work as well, if less smoothly.
  }
}
