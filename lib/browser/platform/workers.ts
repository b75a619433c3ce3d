/** Starts workers from a page's script for workers, by the names of their modules. */

import { portToFiles } from "../files/page_files.ts";
import { pageResources } from "../page_resources.ts";
import type { WorkerStart } from "../run_named_module.ts";

/**
 * Returns the name of a worker's module, which is its address in a bundle.
 *
 * @param module Path of the module, such as `./label_worker.ts`.
 */
export function workerAddress(module: string, _meta: ImportMeta): string {
  return module.replace(/^.*\/|\.\w+$/g, "");
}

/** Starts a worker; it reports errors as events. @param name From {@link workerAddress}. */
export function startWorker(name: string): Worker {
  const resources = pageResources();
  // Not a module: Chromium starts no such workers in pages that were opened from a disk.
  const worker = new Worker(resources.workerScript, { name } as WorkerOptions);
  const files = portToFiles();
  worker.postMessage({ resources, files } satisfies WorkerStart, [files]);
  return worker;
}

/** Does nothing: browsers choose priorities. */
export function yieldToNotebook(): void {}
