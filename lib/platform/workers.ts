/** Locates and starts workers. */

import { relay } from "./file_messages.ts";

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
  const worker = new Worker(address, { type: "module" });
  relay(worker);
  return worker;
}
