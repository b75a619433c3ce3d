/** Serves a folder over HTTP, as a site's server does. */

import { join } from "@std/path";

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  mjs: "text/javascript",
  css: "text/css",
  json: "application/json",
  svg: "image/svg+xml",
  wasm: "application/wasm",
};

/** A server that runs until it is disposed of. */
export interface FolderServer extends AsyncDisposable {
  /** Address of the folder, with a slash at its end. */
  readonly address: string;
}

/**
 * Starts a server on a free port of this machine.
 *
 * @param options.isolated Whether pages are isolated from others, so that they have shared memory.
 */
export function serveFolder(folder: string, { isolated = false } = {}): FolderServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = new URL(request.url).pathname.slice(1) || "index.html";
    const content = await Deno.readFile(join(folder, path)).catch(() => undefined);
    if (!content) return new Response("missing", { status: 404 });
    return new Response(content, {
      headers: {
        "content-type": types[path.split(".").at(-1)!] ?? "application/octet-stream",
        ...isolated && {
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-embedder-policy": "require-corp",
        },
      },
    });
  });
  server.unref(); // It does not keep the process alive.
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
