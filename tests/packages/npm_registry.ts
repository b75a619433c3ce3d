/** An npm registry on the loopback address: verdaccio, which asks npm's for all other packages. */

import { join } from "@std/path";
import { run } from "./run.ts";

/** The last version that runs on Node 20; it wants a later one for its node-fetch only. */
const version = "6.8.0";

/** A running registry. */
export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
  /** A configuration file for npm with which it publishes there. */
  readonly npmrc: string;
}

/**
 * Starts a registry.
 *
 * @param folder Folder for the program, which is kept, and for what is published.
 */
export async function startNpmRegistry(folder: string): Promise<NpmRegistry> {
  const program = join(folder, `verdaccio-${version}`);
  const main = join(program, "node_modules", "verdaccio", "bin", "verdaccio");
  const isFile = (path: string) => Deno.stat(path).then(() => true, () => false);
  if (!await isFile(main)) {
    await Deno.mkdir(program, { recursive: true });
    await Deno.writeTextFile(
      join(program, "package.json"),
      JSON.stringify({ private: true, overrides: { "node-fetch": "2.7.0" } }),
    );
    await run("npm", ["install", "--no-audit", "--no-fund", `verdaccio@${version}`], {
      cwd: program,
    });
  }
  const storage = await Deno.makeTempDir();
  const uplink = (await run("npm", ["config", "get", "registry"])).trim();
  await Deno.writeTextFile(
    join(storage, "config.yaml"),
    [
      `storage: ${storage}/storage`,
      `uplinks: { npmjs: { url: "${uplink}" } }`,
      `packages: { "**": { access: $all, publish: $anonymous, proxy: npmjs } }`,
      `log: { type: stdout, format: pretty, level: error }`,
      `max_body_size: 100mb`,
      "",
    ].join("\n"),
  );
  const port = freePort();
  const url = `http://127.0.0.1:${port}/`;
  const process = new Deno.Command("node", {
    args: [main, "--config", join(storage, "config.yaml"), "--listen", `127.0.0.1:${port}`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const status = process.status.finally(() => ended = true);
  while (
    !await fetch(`${url}-/ping`).then((reply) => reply.body?.cancel().then(() => true), () => false)
  ) {
    if (ended) throw new Error(`Cannot start verdaccio: exit code ${(await status).code}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const npmrc = join(storage, ".npmrc");
  await Deno.writeTextFile(npmrc, `registry=${url}\n//127.0.0.1:${port}/:_authToken=any\n`);
  return {
    url,
    npmrc,
    async [Symbol.asyncDispose]() {
      if (!ended) process.kill();
      await status;
      await Deno.remove(storage, { recursive: true });
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
