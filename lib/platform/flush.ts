/** Makes sure that files are on the disk, so that they survive a power failure. */

import { naming } from "./file_error.ts";
import { join } from "./paths.ts";

/** Waits until a file's content is on the disk. @throws {FileError} If it cannot be written. */
export async function flushFile(path: string): Promise<void> {
  // Windows flushes only files that are open for writing, which read-only files cannot be.
  const write = Deno.build.os === "windows";
  const opening = Deno.open(path, { read: true, write });
  using file = write ? await opening.catch(() => undefined) : await naming("read", path, opening);
  if (file) await naming("write", path, file.sync());
}

/** Waits until a folder's list of names is on the disk, where the system can do that. */
export async function flushFolder(folder: string): Promise<void> {
  try {
    using file = await Deno.open(folder);
    await file.sync();
  } catch {
    // Windows does not open folders, and some network file systems do not flush them.
  }
}

/** Does the same as {@link flushFolder}, but synchronously. */
export function flushFolderSync(folder: string): void {
  try {
    using file = Deno.openSync(folder);
    file.syncSync();
  } catch {
    // As in `flushFolder()`.
  }
}

/**
 * Waits until a folder and everything below it is on the disk.
 *
 * @throws {FileError} If a file cannot be written.
 */
export async function flushTree(folder: string): Promise<void> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await flushTree(path);
    else if (isFile) await flushFile(path);
  }
  await flushFolder(folder);
}
