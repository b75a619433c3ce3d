/** Requires that folders exist before work begins, so that each is reported once, as missing. */

import { FileError } from "../platform/file_error.ts";
import { fileInfo } from "../platform/files.ts";

/**
 * Requires that a folder exists.
 *
 * @param folder The folder.
 * @param action What cannot be done otherwise, for the message, such as `evaluate`.
 * @param holds What the folder should hold, such as `label maps`; anything by default.
 * @throws {Error} If it does not exist, or is a file.
 */
export async function requireFolder(
  folder: string,
  action: string,
  holds?: string,
): Promise<void> {
  const expected = `expected a folder${holds ? ` of ${holds}` : ""}`;
  const fail = (found: string, cause?: unknown): never => {
    throw new Error(`Cannot ${action} ${folder || '""'}: ${found}, ${expected}`, { cause });
  };
  try {
    if (!(await fileInfo(folder)).isDirectory) fail("it is a file");
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    fail(error.reason, error);
  }
}
