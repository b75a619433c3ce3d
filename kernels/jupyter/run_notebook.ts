/** Runs a notebook's cells in a kernel, one after another. */

import {
  type Kernel,
  KernelManager,
  ServerConnection,
  type Session,
  SessionManager,
} from "@jupyterlab/services";
import { kernelName } from "../kernelspec.ts";
import { CellOutputs, type OutputMessage } from "./cell_outputs.ts";
import { joined, type Notebook } from "./notebook_file.ts";

/** Milliseconds without an output after which a finished cell is considered quiet. */
const QUIET = 300;

/** A server to run on. */
export interface ServerAddress {
  readonly url: string;
  readonly token: string;
}

/** How to run. */
export interface RunOptions {
  /** Name of the kernel; this project's by default. */
  readonly kernel?: string;
  readonly signal?: AbortSignal;
  /** Called before each code cell with the number of finished cells and of all cells. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A notebook that was run. */
export interface RunResult {
  /** The notebook with the outputs of all cells that ran. */
  readonly notebook: Notebook;
  /** The failure that ended the run early. */
  readonly failure?: CellFailure;
}

/** A cell that failed. */
export interface CellFailure {
  /** Position among all cells, from 1. */
  readonly cell: number;
  readonly message: string;
}

/**
 * Runs a notebook from top to bottom in a kernel of its own.
 *
 * Work that a cell started may show something after the cell is done, so the next cell waits until
 * there was no output for {@link QUIET} ms. The first error output ends the run.
 *
 * @param path Path in the server's folder; the kernel runs in the folder of the notebook.
 * @throws The signal's reason.
 */
export async function runNotebook(
  server: ServerAddress,
  path: string,
  notebook: Notebook,
  { kernel: name = kernelName, signal, onProgress }: RunOptions = {},
): Promise<RunResult> {
  signal?.throwIfAborted();
  const outputs = new CellOutputs(notebook.cells.length);
  const counts: (number | null)[] = notebook.cells.map(() => null);
  let failure: CellFailure | undefined;

  await withKernel(server, { path, name }, async (kernel) => {
    const sources = notebook.cells.flatMap(({ cell_type, source }, cell) =>
      cell_type === "code" ? [{ cell, code: joined(source) }] : []
    );
    for (const [done, { cell, code }] of sources.entries()) {
      onProgress?.(done, sources.length);
      const onOutput = (message: OutputMessage) => outputs.add(cell, message);
      const outcome = await runCell(kernel, code, onOutput, signal);
      counts[cell] = outcome.count;
      const shown = outputs.of(cell).find((output) => output.output_type === "error");
      const message = shown ? `${shown.ename}: ${shown.evalue}` : outcome.failure;
      if (message !== undefined) {
        failure = { cell: cell + 1, message };
        return;
      }
    }
  });

  const cells = notebook.cells.map((cell, i) =>
    cell.cell_type === "code"
      ? { ...cell, execution_count: counts[i], outputs: outputs.of(i) }
      : cell
  );
  return { notebook: { ...notebook, cells }, failure };
}

async function withKernel(
  { url, token }: ServerAddress,
  { path, name }: { readonly path: string; readonly name: string },
  use: (kernel: Kernel.IKernelConnection) => Promise<void>,
): Promise<void> {
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: url,
    wsUrl: url.replace(/^http/, "ws"),
    token,
    appendToken: true,
    WebSocket,
    fetch,
    Request,
    Headers,
  });
  const kernelManager = new KernelManager({ serverSettings });
  const sessions = new SessionManager({ kernelManager, serverSettings });
  let session: Session.ISessionConnection | undefined;
  try {
    // A list of sessions requested before the start lacks the session, which would then be closed.
    await sessions.ready;
    session = await sessions.startNew({
      path,
      name: path,
      type: "notebook",
      kernel: { name },
    });
    await use(session.kernel!);
  } finally {
    await session?.shutdown().catch(() => {}); // The kernel may have died.
    sessions.dispose();
    kernelManager.dispose();
  }
}

interface CellOutcome {
  readonly count: number | null;
  readonly failure?: string;
}

/** Runs one cell until it is done and quiet. */
async function runCell(
  kernel: Kernel.IKernelConnection,
  code: string,
  onOutput: (message: OutputMessage) => boolean,
  signal?: AbortSignal,
): Promise<CellOutcome> {
  const future = kernel.requestExecute({ code, stop_on_error: true, allow_stdin: false }, false);
  let lastOutput = 0;
  future.onIOPub = ({ header, content }) => {
    if (onOutput({ type: header.msg_type, content })) lastOutput = performance.now();
  };
  const ended = Promise.withResolvers<never>();
  const stop = () => ended.reject(signal!.reason);
  const watch = (_: unknown, status: Kernel.Status) => {
    if (status === "dead") ended.reject(new KernelDied());
  };
  signal?.addEventListener("abort", stop);
  kernel.statusChanged.connect(watch);
  try {
    const { content } = await Promise.race([future.done, ended.promise]);
    lastOutput = performance.now();
    while (performance.now() - lastOutput < QUIET) {
      await new Promise((resolve) => setTimeout(resolve, QUIET / 6));
    }
    const count = content.execution_count ?? null;
    if (content.status === "ok") return { count };
    const failure = "ename" in content ? `${content.ename}: ${content.evalue}` : content.status;
    return { count, failure };
  } catch (error) {
    // The list of sessions may show that the kernel is gone before its status does. The client then
    // closes the connection and cancels its requests.
    if (error instanceof KernelDied || kernel.isDisposed) {
      signal?.throwIfAborted();
      return { count: null, failure: KernelDied.text };
    }
    throw error;
  } finally {
    ended.promise.catch(() => {}); // The promise may have no other handler.
    signal?.removeEventListener("abort", stop);
    kernel.statusChanged.disconnect(watch);
    future.done.catch(() => {}); // Disposing of it rejects it.
    future.dispose();
  }
}

class KernelDied extends Error {
  static readonly text = "The kernel died";

  constructor() {
    super(KernelDied.text);
  }
}
