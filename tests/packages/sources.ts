/** The ways to import the library that users have, each prepared from nothing. */

import { join } from "@std/path";
import { jsrPackage } from "../../.ci/packages/jsr_package.ts";
import { npmPackage } from "../../.ci/packages/npm_package.ts";
import { projectFolder } from "../module_imports.ts";
import { startJsrRegistry } from "./jsr_registry.ts";
import { startNpmRegistry } from "./npm_registry.ts";
import { run } from "./run.ts";

/** Where a program imports the library from. */
export interface Source extends AsyncDisposable {
  /** Returns what to import for an entry: `""`, `notebook`, `parts`, `cli`, `install` or `tutorial`. */
  specifier(entry: string): string;
  /** Environment variables that lead Deno to the source. */
  readonly variables: Readonly<Record<string, string>>;
}

const scope = "any";
const version = "0.0.1";

/** Names of the sources. */
export type SourceName = "path" | "jsr" | "npm";

/** Prepares a source. */
export const sources: Readonly<Record<SourceName, () => Promise<Source>>> = {
  /** A clone, by path. */
  path() {
    const files: Readonly<Record<string, string>> = {
      "": "mod.ts",
      notebook: "lib/notebook/mod.ts",
      parts: "lib/parts.ts",
      cli: "lib/cli/main.ts",
      install: "lib/cli/install.ts",
      tutorial: "notebooks/tutorial.ts",
    };
    return Promise.resolve({
      specifier: (entry) => join(projectFolder, files[entry]),
      variables: {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },

  /** A package of JSR, from a registry on this machine. */
  async jsr() {
    const registry = startJsrRegistry();
    const folder = await Deno.makeTempDir();
    await jsrPackage({ scope, version, folder });
    const cache = await Deno.makeTempDir();
    // Packages of npm are those that this machine has already.
    const { npmCache } = JSON.parse(await run(Deno.execPath(), ["info", "--json"]));
    await Deno.symlink(npmCache, join(cache, "npm"));
    const variables = { JSR_URL: registry.url, DENO_DIR: cache };
    await run(Deno.execPath(), ["publish", "--allow-dirty", "--token", "any"], {
      cwd: folder,
      env: variables,
    });
    return {
      specifier: (entry) => `jsr:@${scope}/nnunet@${version}${entry && `/${entry}`}`,
      variables,
      async [Symbol.asyncDispose]() {
        await registry[Symbol.asyncDispose]();
        await remove(folder, cache);
      },
    };
  },

  /** A package of npm, from a registry on this machine. */
  async npm() {
    const registry = await startNpmRegistry(join(projectFolder, ".cache"));
    const folder = await Deno.makeTempDir();
    await npmPackage({ scope, version, folder });
    await run("npm", ["publish", "--access", "public", "--userconfig", registry.npmrc], {
      cwd: folder,
    });
    const cache = await Deno.makeTempDir();
    return {
      specifier: (entry) => `npm:@${scope}/nnunet@${version}${entry && `/${entry}`}`,
      variables: { NPM_CONFIG_REGISTRY: registry.url, DENO_DIR: cache },
      async [Symbol.asyncDispose]() {
        await registry[Symbol.asyncDispose]();
        await remove(folder, cache);
      },
    };
  },
};

async function remove(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) await Deno.remove(folder, { recursive: true });
}
