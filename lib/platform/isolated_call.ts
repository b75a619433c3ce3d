/**
 * Runs code in a separate process, for native libraries that may crash it.
 */

import { existsSync } from "node:fs";
import { folderOfPackages } from "./package_file.ts";
import { join } from "./paths.ts";
import { reasonOf } from "../options/reason_of.ts";

/** How an isolated call ended. */
export type IsolatedResult<T> =
  | { readonly value: T }
  /** This process may not start others. */
  | "not permitted"
  /** The standard error output of a failed call, and how its process ended. */
  | { readonly errors: string; readonly code: number; readonly signal: string | null };

/**
 * Calls the function that a module serves by {@link serveIsolated}, in a new process.
 *
 * @param address Address of the module, from `workerAddress()`.
 * @param timeoutMs Milliseconds after which SIGTERM ends the process.
 */
export async function callIsolated<T>(
  address: string,
  argument: string,
  timeoutMs: number,
): Promise<IsolatedResult<T>> {
  const permissions = ["read", "env", "sys", "ffi"].map((name) => `--allow-${name}`);
  // The process uses the same packages, for which GPU libraries may be installed.
  const folder = folderOfPackages();
  const config = folder === undefined ? ["--no-config"] : configIn(folder);
  const options = [...permissions, "--no-prompt", "--quiet", "--unstable-webgpu", ...config];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", ...options, ...programAt(address), argument],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(timeoutMs),
  });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return "not permitted";
  }
  const { success, signal, code, stdout, stderr } = output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) return { errors: text(stderr), code, signal };
  return { value: JSON.parse(text(stdout).split("\n").at(-1)!) };
}

/** Returns the option that names the configuration in a folder; none if it has none. */
function configIn(folder: string): string[] {
  const path = ["deno.json", "deno.jsonc"].map((name) => join(folder, name)).find(existsSync);
  return path === undefined ? [] : ["--config", path];
}

/**
 * Returns the arguments by which Deno runs a module. One in Deno's cache of npm packages finds its
 * own packages only if it is run by its package's name.
 */
export function programAt(address: string): string[] {
  const [, name, version, path] =
    /^file:.*\/npm\/[^/]+\/((?:@[^/]+\/)?[^/@]+)\/(\d[^/]*)\/lib\/(.+)$/.exec(address) ?? [];
  if (name === undefined) return [address];
  return ["--minimum-dependency-age=0", `npm:${name}@${version}/internal/${path}`];
}

/**
 * Serves a function to {@link callIsolated}; does nothing if the module is only imported.
 *
 * @param meta `import.meta` of the module.
 * @param answer The function; its result is sent as JSON.
 */
export async function serveIsolated(
  meta: ImportMeta,
  answer: (argument: string) => Promise<unknown>,
): Promise<void> {
  if (!meta.main) return;
  try {
    console.log(JSON.stringify(await answer(Deno.args[0])));
  } catch (error) {
    console.error(reasonOf(error));
    Deno.exit(1);
  }
  Deno.exit(0); // Threads of native libraries would keep the process alive.
}
