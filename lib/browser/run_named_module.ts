/** Runs a module in a worker of a page: the one that the worker is named after. */

import { reachFiles } from "./files/page_files.ts";
import { type PageResources, setPageResources } from "./page_resources.ts";

/** The first message to a worker, from the thread that starts it. */
export interface WorkerStart {
  readonly resources: PageResources;
  /** See `portToFiles()`. */
  readonly files: MessagePort;
}

const scope = globalThis as unknown as {
  readonly name: string;
  onmessage: ((event: MessageEvent<WorkerStart>) => void) | null;
};

/** Waits for the first message, then runs the module; the messages that follow are for it. */
export function runNamedModule(
  modules: Readonly<Record<string, () => Promise<unknown>>>,
): void {
  scope.onmessage = ({ data: { resources, files } }) => {
    scope.onmessage = null;
    setPageResources(resources);
    reachFiles(files);
    modules[scope.name]().catch(reportError);
  };
}
