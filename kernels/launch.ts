/**
 * Starts Deno's Jupyter kernel so that it finds the project's modules from any folder. The kernelspec
 * runs it as `launch.ts CONNECTION_FILE`.
 *
 * Deno takes its import map from the `deno.json` above the folder in which the kernel starts, and has
 * no option to name another file. So the kernel starts inside the project, in a folder that mirrors
 * the notebook's: `.cache/elsewhere/home/me/scans` for `/home/me/scans`. The import map leads
 * `.cache/elsewhere/` back to `/`, so that `nnunet` is this project and `./mine.ts` is the file beside
 * the notebook. The kernel then changes to the notebook's own folder.
 *
 * This, and the handler for interrupts, must be in place before the first cell runs. Until then, only
 * the launcher knows the kernel's ports; afterwards it forwards what arrives at the ports that Jupyter
 * chose.
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { onFreePorts, readConnection } from "./connection.ts";
import { execute } from "./execute.ts";
import { whenOrphaned } from "./orphan.ts";
import { relay } from "./relay.ts";

const project = new URL("../", import.meta.url);
const elsewhere = new URL(".cache/elsewhere/", project);

/** The folder in which the kernel for a notebook in `folder` starts. */
export function startFolder(folder: string): string {
  const address = pathToFileURL(folder).href;
  if (`${address}/`.startsWith(project.href)) return folder; // The project's deno.json is above it.
  return fileURLToPath(new URL(address.slice("file:///".length), elsewhere));
}

async function launch(connectionFile: string): Promise<number> {
  const folder = Deno.cwd();
  const connection = await readConnection(connectionFile);
  const inner = onFreePorts(connection);
  // Interrupts reach the whole process group; only the kernel should react.
  Deno.addSignalListener("SIGINT", () => {});

  const start = startFolder(folder);
  await Deno.mkdir(start, { recursive: true });
  const innerFile = await Deno.makeTempFile({ prefix: "kernel-", suffix: ".json" });
  try {
    await Deno.writeTextFile(innerFile, JSON.stringify(inner));
    const kernel = new Deno.Command(Deno.execPath(), {
      args: ["jupyter", "--quiet", "--kernel", "--conn", innerFile],
      cwd: start,
    }).spawn();
    if (Deno.build.os !== "windows") {
      Deno.addSignalListener("SIGTERM", () => kernel.kill("SIGTERM"));
    }
    whenOrphaned(() => kernel.kill()); // When Jupyter crashes, it does not end its kernels.
    const ended = new AbortController();
    const status = kernel.status.finally(() => ended.abort(new Error("The kernel ended")));
    const session = new URL("session.ts", import.meta.url);
    const code = `(await import(${JSON.stringify(session)})).begin(${JSON.stringify(folder)})`;
    try {
      await execute(inner, code, ended.signal);
      relay(connection, inner);
    } catch (error) {
      if (!ended.signal.aborted) kernel.kill();
      throw error;
    }
    return (await status).code;
  } finally {
    await Deno.remove(innerFile);
  }
}

if (import.meta.main) Deno.exit(await launch(Deno.args[0]));
