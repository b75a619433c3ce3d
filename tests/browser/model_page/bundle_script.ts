/** Bundles a script for a page, with the page's platform in place of Deno's. */

import { fileURLToPath } from "node:url";
import { join } from "@std/path";
import { configOf } from "../../../lib/browser/bundle.ts";
import { ownSource } from "../../../lib/browser/library_source.ts";

/** Bundles a module, as exported pages are. */
export async function bundleScript(module: URL): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const config = configOf({ ...ownSource(), packages: {} });
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
    const output = join(folder, "page.js");
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--quiet", "--platform", "browser", "--format", "iife", "--minify"],
        ...["--config", join(folder, "deno.json"), "--no-lock", "--output", output],
        fileURLToPath(module),
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return await Deno.readTextFile(output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
