/** Recognises the kernel of a notebook. */

/** The part of Deno's interface to Jupyter that is used here. */
export interface NotebookKernel {
  /** Sends a message of the kernel to the notebook. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** Returns the kernel that this process is; undefined outside a notebook and in workers. */
export function notebookKernel(): NotebookKernel | undefined {
  try {
    return (Deno as unknown as { jupyter?: NotebookKernel }).jupyter;
  } catch {
    return undefined; // Deno throws if the process is not a kernel.
  }
}
