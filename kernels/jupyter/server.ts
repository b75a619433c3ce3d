/** Starts a temporary Jupyter server with the kernel. */

import { fileURLToPath } from "node:url";
import { join } from "@std/path";
import { installKernelspec } from "../kernelspec.ts";
import { kernelVariables } from "../kernel_variables.ts";
import { ensurePythonEnvironment } from "../python_environment.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

/** Seconds within which a server must answer after its start. */
const START_LIMIT = 60;

/**
 * Name and packages of JupyterLab's Python environment. Plotly's package contains the extension that
 * makes figures interactive.
 */
export const jupyterEnvironment = ["jupyter", [["jupyterlab==4.6.6", "plotly==7.1.0"]]] as const;

/**
 * A Python with JupyterLab, which the first call installs.
 *
 * @returns Path of its `python`.
 * @throws {NoPythonError} If there is no Python.
 */
export function ensureJupyter(): Promise<string> {
  return ensurePythonEnvironment(...jupyterEnvironment);
}

/**
 * Variables with which Jupyter finds the kernel in addition to its own: the kernelspec is installed in
 * the project's cache, so that the user's own Jupyter stays as it is.
 */
export async function jupyterVariables(): Promise<Record<string, string>> {
  const data = join(project, ".cache", "jupyter");
  const present = Deno.env.toObject();
  await installKernelspec(data, kernelVariables(present, []));
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const { JUPYTER_PATH } = present;
  return { JUPYTER_PATH: JUPYTER_PATH ? data + separator + JUPYTER_PATH : data };
}

/** How to start a server. */
export interface ServerOptions {
  /** Folder whose files the server shows; the project's by default. */
  readonly root?: string;
  /** Whether the server offers JupyterLab to browsers; otherwise it only runs kernels. */
  readonly lab?: boolean;
  /** A Python with another Jupyter to start; JupyterLab's by default, see {@link ensureJupyter}. */
  readonly python?: string;
  /** Environment variables of the server and its kernels. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A running server. */
export class JupyterServer implements AsyncDisposable {
  /** Address of the server, with a slash at its end. */
  readonly url: string;
  /** Token with which clients authenticate. */
  readonly token: string;
  readonly #process: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(url: string, token: string, process: Deno.ChildProcess, folder: string) {
    this.url = url;
    this.token = token;
    this.#process = process;
    this.#folder = folder;
  }

  /**
   * Starts a server without the user's settings, and waits until it answers.
   *
   * @throws {Error} If it ends or does not answer, with its last lines of output.
   */
  static async start(options: ServerOptions = {}): Promise<JupyterServer> {
    const { root = project, lab = false, variables } = options;
    const python = options.python ?? await ensureJupyter();
    const folder = await Deno.makeTempDir({ prefix: "jupyter-" });
    const log = join(folder, "log.txt");
    const token = crypto.randomUUID();
    const port = freePort();
    const settings: Record<string, unknown> = {
      ServerApp: {
        allow_root: true,
        port,
        port_retries: 0,
        ip: "127.0.0.1",
        open_browser: false,
        root_dir: root,
      },
      IdentityProvider: { token },
      // Figures contain their scripts, and there may be many a second.
      ZMQChannelsWebsocketConnection: { iopub_data_rate_limit: 1e9, iopub_msg_rate_limit: 1e5 },
      // A kernel that died is reported, not replaced by one without its state.
      KernelRestarter: { restart_limit: 0 },
    };
    const settingsFile = join(folder, "jupyter_config.json");
    await Deno.writeTextFile(settingsFile, JSON.stringify(settings));
    // Dialogs about news would cover what is tested.
    const notifications = join(folder, "@jupyterlab", "apputils-extension");
    await Deno.mkdir(notifications, { recursive: true });
    await Deno.writeTextFile(
      join(notifications, "notification.jupyterlab-settings"),
      JSON.stringify({ fetchNews: "false", checkForUpdates: false }),
    );
    const process = new Deno.Command(python, {
      args: ["-m", lab ? "jupyterlab" : "jupyter_server", "--config", settingsFile],
      env: {
        ...await jupyterVariables(),
        JUPYTER_CONFIG_DIR: folder,
        JUPYTERLAB_SETTINGS_DIR: folder,
        JUPYTER_DATA_DIR: folder,
        JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
        ...variables,
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const logged = Deno.open(log, { write: true, create: true })
      .then((file) => process.stderr.pipeTo(file.writable));
    const server = new JupyterServer(`http://127.0.0.1:${port}/`, token, process, folder);
    if (await server.#answers()) return server;
    process.kill();
    await logged;
    const said = (await Deno.readTextFile(log)).trim().split("\n").slice(-5).join("\n");
    await server[Symbol.asyncDispose]();
    throw new Error(`Cannot start Jupyter: it did not answer within ${START_LIMIT} s:\n${said}`);
  }

  async #answers(): Promise<boolean> {
    let ended = false;
    this.#process.status.then(() => ended = true);
    const end = performance.now() + START_LIMIT * 1000;
    while (!ended && performance.now() < end) {
      const answer = await fetch(`${this.url}api/status?token=${this.token}`).catch(() =>
        undefined
      );
      await answer?.body?.cancel();
      if (answer?.ok) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  }

  /** Ends the server and its kernels. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
