/**
 * Sends outputs through JupyterLite's JavaScript kernel, and notices its stop button; stands in for
 * `lib/platform/notebook_kernel.ts`.
 */

import type { NotebookKernel } from "../../../../lib/platform/notebook_kernel.ts";

export type { NotebookKernel };

/** The part of the kernel that sends any message. It is not public, so its version is pinned. */
interface LiteKernel {
  readonly Jupyter?: {
    readonly comm?: {
      _onOutput?(message: { readonly type: string; readonly bundle: unknown }): void;
    };
  };
}

/** The page around the kernel's frame, with JupyterLite's application if the site exposes it. */
interface LitePage {
  readonly parent: {
    readonly jupyterapp?: {
      readonly commands: {
        readonly commandExecuted: {
          connect(slot: (registry: unknown, command: { readonly id: string }) => void): void;
        };
      };
    };
  };
}

/** The command of the stop button, of the menu's entry and of the keys. */
const interruptCommand = "notebook:interrupt-kernel";

/** Returns the kernel. @throws {Error} If it is another than this site was made with. */
export function notebookKernel(): NotebookKernel {
  const { comm } = (globalThis as LiteKernel).Jupyter ?? {};
  if (!comm?._onOutput) {
    throw new Error(
      "Cannot show the output: this kernel is not the JavaScript kernel that the site was made " +
        "with; choose JavaScript (IFrame) as the notebook's kernel",
    );
  }
  return {
    broadcast(type, bundle) {
      comm._onOutput!({ type, bundle });
      return Promise.resolve();
    },
  };
}

/**
 * Calls a listener whenever a reader interrupts the kernel. JupyterLite does not tell the kernel, but
 * its application reports every command that it has executed.
 */
export function onKernelInterrupt(listener: () => void): void {
  const { jupyterapp } = (globalThis as unknown as LitePage).parent;
  jupyterapp?.commands.commandExecuted.connect((_, { id }) => {
    if (id === interruptCommand) listener();
  });
}
