/** Makes what the live course's page loads. */

import { join } from "@std/path";
import { bundleModules } from "../../../lib/browser/bundle.ts";
import { copyLibraryParts } from "./copy_library_parts.ts";

/**
 * Copies the parts of `nnunet/browser`, and the script of the page, to a folder.
 *
 * @throws {Error} If `deno bundle` fails; the message says what to do.
 */
export async function writeLiveParts(folder: string): Promise<void> {
  await copyLibraryParts(folder);
  const scripts = await bundleModules({ "live.js": "kernels/jupyter/site/live/live" });
  for (const [name, script] of scripts) await Deno.writeFile(join(folder, name), script);
}
