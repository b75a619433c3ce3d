/** Recognises the kernel of a notebook, and its interrupts. */

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

/**
 * Calls a listener whenever Jupyter interrupts this kernel, which it does with SIGINT. From then on
 * the signal no longer ends the process.
 */
export function onKernelInterrupt(listener: () => void): void {
  Deno.addSignalListener("SIGINT", listener);
}
