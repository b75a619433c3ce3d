/** Replaces folders of a page, at once; stands in for `lib/platform/replacement.ts`. */

import { naming } from "../../platform/file_error.ts";
import { flushFolder } from "../../platform/flush.ts";
import { dirname } from "../../platform/paths.ts";
import { pageFiles } from "../files/page_files.ts";

/**
 * Moves a complete folder to where there may be another one, which is removed.
 *
 * @param kept Where the other one is kept instead.
 */
export async function replaceFolder(
  complete: string,
  folder: string,
  kept?: string,
): Promise<void> {
  await naming("move", complete, pageFiles().call("replaceFolder", complete, folder, kept));
  await flushFolder(dirname(folder));
}
