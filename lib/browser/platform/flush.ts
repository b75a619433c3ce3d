/**
 * Waits until the page's files are kept; stands in for `lib/platform/flush.ts`. What is kept is
 * always the whole tree at one moment, so only a change of names has to be waited for: a file that
 * has its final name is kept with its content.
 */

import { FileError } from "../../platform/file_error.ts";
import { FileCode } from "../files/file_tree.ts";
import { pageFiles } from "../files/page_files.ts";

/** Does nothing: a file's content is kept with its name. */
export function flushFile(_path: string): Promise<void> {
  return Promise.resolve();
}

/**
 * Waits until a folder's list of names is kept.
 *
 * @throws {FileError} If the browser's storage is full or fails.
 */
export async function flushFolder(folder: string): Promise<void> {
  try {
    await pageFiles().call("saved");
  } catch (cause) {
    if (!(cause instanceof FileCode)) throw cause;
    throw new FileError("write", folder, cause);
  }
}

/** Does nothing: the content of a folder is kept with its name. */
export function flushTree(_folder: string): Promise<void> {
  return Promise.resolve();
}
