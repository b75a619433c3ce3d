/** Checks that one line of `deno.json` has `@std/path` come from JSR where JSR can be reached. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { jsrPackage } from "../../.ci/packages/jsr_package.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { startJsrRegistry } from "./jsr_registry.ts";
import { run } from "./run.ts";

/** Runs a program of the project with the changed line, and a registry that has the package. */
export async function checkStandardPath(): Promise<void> {
  await using registry = startJsrRegistry();
  registry.add("@std/path", "1.0.0", {
    "/deno.json": JSON.stringify({ name: "@std/path", version: "1.0.0", exports: "./mod.ts" }),
    "/mod.ts": `export { basename, dirname, join, relative, resolve } from "node:path";`,
  });
  await withTemporaryFolder(async (folder) => {
    await jsrPackage({ scope: "any", version: "0.0.1", folder });
    const file = join(folder, "deno.json");
    const text = await Deno.readTextFile(file);
    const line = `"@std/path": "node:path"`;
    assert.ok(text.includes(line));
    await Deno.writeTextFile(file, text.replace(line, `"@std/path": "jsr:@std/path@1"`));
    const cache = join(folder, "cache");
    const { npmCache } = JSON.parse(await run(Deno.execPath(), ["info", "--json"]));
    await Deno.mkdir(cache);
    await Deno.symlink(npmCache, join(cache, "npm"));
    const env = { JSR_URL: registry.url, DENO_DIR: cache };
    const printed = await run(Deno.execPath(), ["run", "-A", "notebooks/tutorial.ts", "--help"], {
      cwd: folder,
      env,
    });
    assert.match(printed, /--epochs/);
    const info = await run(Deno.execPath(), ["info", "notebooks/tutorial.ts"], {
      cwd: folder,
      env,
    });
    assert.match(info, /@std\/path/);
  });
  console.log("std-path: @std/path comes from JSR after one changed line");
}
