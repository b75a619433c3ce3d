/** Whether Jupyter is installed beside the project, for tests that run one. */

import { jupyterEnvironment } from "../../../kernels/jupyter/server.ts";
import { hasPythonEnvironment } from "../../../kernels/python_environment.ts";

const installed = await hasPythonEnvironment(...jupyterEnvironment);

/** Defines a test that needs Jupyter and says so where it is skipped. */
export function testWithJupyter(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: installed ? name : `${name} (skipped: run deno task jupyter --install)`,
    ignore: !installed,
    // The client keeps timers and sockets of its own until a while after it was closed.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}
