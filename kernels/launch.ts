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
 * The kernel could start in the notebook's folder and resolve `nnunet` by `registerHooks()` of
 * `node:module`, but Deno resolves what files import before it calls hooks: `nnunet` would be known in
 * cells, and unknown in `./mine.ts`. It would also use another copy of `onnxruntime-node`, without the
 * GPU libraries that `install_cuda` adds to this project's, and write to the user's `deno.lock`.
 *
 * This, and the handler for interrupts, must be in place before the first cell runs. Only the launcher
 * knows the kernel's ports: clients reach it through a {@link Relay}, which listens at the ports that
 * Jupyter chose once the kernel is ready.
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { onFreePorts, readConnection } from "./connection.ts";
import { whenOrphaned } from "./orphan.ts";
import { readNotebook } from "./jupyter/notebook_file.ts";
import { explainMissingName, notebookPath } from "./missing_name.ts";
import { Relay } from "./relay.ts";

const project = new URL("../", import.meta.url);
const elsewhere = new URL(".cache/elsewhere/", project);

/** The folder in which the kernel for a notebook in `folder` starts. */
export function startFolder(folder: string): string {
  const address = pathToFileURL(folder).href;
  if (`${address}/`.startsWith(project.href)) return folder; // The project's deno.json is above it.
  return fileURLToPath(new URL(address.slice("file:///".length), elsewhere));
}

/** Milliseconds that the last outputs of a kernel have to reach the clients. */
const LAST_OUTPUTS = 100;

async function launch(connectionFile: string): Promise<number> {
  const folder = Deno.cwd();
  const connection = await readConnection(connectionFile);
  const inner = onFreePorts(connection);
  let relay: Relay | undefined;
  // Interrupts reach the whole process group: the kernel stops its cell, and the others do not run.
  Deno.addSignalListener("SIGINT", () => relay?.interrupt());

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
      const notebook = notebookPath(Deno.env.toObject(), folder);
      relay = await Relay.begin(inner, {
        code,
        explain: (error) =>
          notebook === undefined
            ? Promise.resolve(error)
            : explainMissingName(error, () => readNotebook(notebook)),
        signal: ended.signal,
      });
      relay.listen(connection);
    } catch (error) {
      if (!ended.signal.aborted) kernel.kill();
      throw error;
    }
    const { code: exitCode } = await status;
    await new Promise((resolve) => setTimeout(resolve, LAST_OUTPUTS));
    return exitCode;
  } finally {
    await Deno.remove(innerFile);
  }
}

if (import.meta.main) Deno.exit(await launch(Deno.args[0]));
