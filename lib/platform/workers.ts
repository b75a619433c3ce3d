/** Workers: where their modules are and how they start. */

/**
 * The address of a worker's module.
 *
 * Where modules are bundled they keep no addresses of their own, and the module's name has to do:
 * so workers have different names, whatever their folders.
 *
 * @param module Path from the module that asks, such as `./label_worker.ts`.
 * @param meta `import.meta` of the module that asks.
 */
export function workerAddress(module: string, meta: ImportMeta): string {
  return meta.resolve(module);
}

/** Starts a worker, whose errors arrive as its events. @param address From {@link workerAddress}. */
export function startWorker(address: string): Worker {
  return new Worker(address, { type: "module" });
}
