/** The script of all workers of a page: runs the module that the worker is named after. */

import { type PageResources, setPageResources } from "./page_resources.ts";

const modules: Readonly<Record<string, () => Promise<unknown>>> = {
  export_worker: () => import("../inference/export_worker.ts"),
  label_worker: () => import("../labels/label_worker.ts"),
  network_worker: () => import("../inference/network_worker.ts"),
  prepare_worker: () => import("../inference/prepare_worker.ts"),
  result_worker: () => import("./result_worker.ts"),
};

const scope = globalThis as unknown as {
  readonly name: string;
  onmessage: ((event: MessageEvent<PageResources>) => void) | null;
};

// The first message is from `startWorker()`; those that follow are for the module.
scope.onmessage = ({ data }) => {
  scope.onmessage = null;
  setPageResources(data);
  modules[scope.name]().catch(reportError);
};
