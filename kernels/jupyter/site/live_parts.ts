/** Makes what the live course's page loads. */

import { join } from "@std/path";
import { bundleModules } from "../../../lib/browser/bundle.ts";
import { libraryParts } from "../../../lib/browser/library_parts.ts";
import { libraryFileNames } from "../../../lib/browser/parts_address.ts";

/**
 * Copies the parts of `nnunet/browser`, and the script of the page, to a folder.
 *
 * @throws {Error} If `deno bundle` fails; the message says what to do.
 */
export async function writeLiveParts(folder: string): Promise<void> {
  const parts = await libraryParts();
  for await (const { name } of Deno.readDir(parts)) {
    // The page's script contains the library.
    if (name === libraryFileNames.library) continue;
    await Deno.copyFile(join(parts, name), join(folder, name));
  }
  const scripts = await bundleModules({ "live.js": "kernels/jupyter/site/live/live" });
  for (const [name, script] of scripts) await Deno.writeFile(join(folder, name), script);
}
