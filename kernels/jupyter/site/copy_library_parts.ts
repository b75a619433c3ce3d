/** Copies what pages with `nnunet/browser` load. */

import { join } from "@std/path";
import { libraryParts } from "../../../lib/browser/library_parts.ts";
import { libraryFileNames } from "../../../lib/browser/parts_address.ts";

/**
 * Copies the parts of `nnunet/browser` to a folder, without its script, which a page's own contains.
 *
 * @throws {Error} If `deno bundle` fails; the message says what to do.
 */
export async function copyLibraryParts(folder: string): Promise<void> {
  const parts = await libraryParts();
  for await (const { name } of Deno.readDir(parts)) {
    if (name === libraryFileNames.library) continue;
    await Deno.copyFile(join(parts, name), join(folder, name));
  }
}
