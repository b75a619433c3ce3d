/** Defines tests that need Jupyter, which is installed for the project. */

import { jupyterEnvironment } from "../../../kernels/jupyter/server.ts";
import { hasPythonEnvironment } from "../../../kernels/python_environment.ts";

const installed = await hasPythonEnvironment(...jupyterEnvironment);

/** Defines a test that needs Jupyter; if it is skipped, its name says why. */
export function testWithJupyter(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: installed ? name : `${name} (skipped: run deno task jupyter --install)`,
    ignore: !installed,
    // The client keeps timers and sockets for a while after it is closed.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}
