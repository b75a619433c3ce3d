/**
 * A JSR registry on the loopback address: takes what `deno publish` sends, and serves it as JSR does.
 *
 * `JSR_URL` has Deno use it. It keeps everything in memory and checks nothing.
 *
 * @see https://jsr.io/docs/api
 */

import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { readTar } from "./tar.ts";

/** A running registry. */
export interface Registry extends AsyncDisposable {
  /** Its address, for `JSR_URL`. */
  readonly url: string;
  /** Adds a package that was not published by `deno publish`. */
  add(name: string, version: string, files: Readonly<Record<string, string>>): void;
}

/** Starts a registry on a free port. */
export function startJsrRegistry(): Registry {
  const served = new Map<string, Uint8Array<ArrayBuffer>>();
  const versions = new Map<string, Record<string, object>>();
  const encoder = new TextEncoder();
  const put = (path: string, value: unknown) =>
    served.set(path, encoder.encode(JSON.stringify(value)));

  const store = (
    name: string,
    version: string,
    files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  ) => {
    const manifest: Record<string, { size: number; checksum: string }> = {};
    for (const [path, bytes] of files) {
      served.set(`/${name}/${version}${path}`, bytes);
      const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
      manifest[path] = { size: bytes.length, checksum };
    }
    const { exports } = JSON.parse(new TextDecoder().decode(files.get("/deno.json")));
    const entries = typeof exports === "string" ? { ".": exports } : exports;
    put(`/${name}/${version}_meta.json`, { manifest, exports: entries });
    const known = { ...versions.get(name), [version]: {} };
    versions.set(name, known);
    const [scope, bare] = name.slice(1).split("/");
    put(`/${name}/meta.json`, { scope, name: bare, latest: version, versions: known });
  };

  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = new URL(request.url).pathname;
      const published = /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)\/versions\/([^/]+)$/.exec(path);
      if (request.method === "POST" && published) {
        const [, scope, name, version] = published;
        const body = new Uint8Array(await request.arrayBuffer());
        store(`@${scope}/${name}`, version, readTar(new Uint8Array(gunzipSync(body))));
      }
      if (request.method === "POST" || /publish(ing|_)/.test(path)) {
        return Response.json({ id: "1", status: "success", error: null });
      }
      if (path.includes("/versions/")) {
        return Response.json({ code: "packageVersionNotFound", message: "not found" }, {
          status: 404,
        });
      }
      if (path.startsWith("/api/scopes/")) return Response.json(packageInfo(path));
      const bytes = served.get(path);
      if (!bytes) return Response.json({ code: "notFound", message: "not found" }, { status: 404 });
      return new Response(bytes, { headers: { "content-type": typeOf(path) } });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    add: (name, version, files) =>
      store(
        name,
        version,
        new Map(Object.entries(files).map(([path, text]) => [path, encoder.encode(text)])),
      ),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function packageInfo(path: string) {
  const [, , , scope, , name] = path.split("/");
  const date = new Date(0).toISOString();
  const dates = { createdAt: date, updatedAt: date };
  return { scope, name, githubRepository: null, description: "", runtimeCompat: {}, ...dates };
}

function typeOf(path: string): string {
  if (path.endsWith(".ts")) return "application/typescript";
  return path.endsWith(".js") ? "text/javascript" : "application/json";
}
