/** Empties a page's files. */

import { naming } from "../../platform/file_error.ts";
import { pageFiles } from "./page_files.ts";

/**
 * Removes all files of the page and, after `keepFiles()`, what the browser keeps of them.
 *
 * @throws {FileError} If the browser cannot save that they are gone.
 *
 * @example Beginning anew
 * ```ts ignore
 * import { clearFiles } from "nnunet/browser";
 *
 * await clearFiles();
 * ```
 */
export async function clearFiles(): Promise<void> {
  const files = pageFiles();
  for (const { name } of await files.call("list", "/")) {
    await files.call("remove", `/${name}`, true);
  }
  await naming("remove", "/", files.call("saved"));
}
