/**
 * Sends outputs through JupyterLite's JavaScript kernel; stands in for
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
