/** Copies that appear whole or not at all, and only where there is something new. */

import { basename, dirname, join } from "@std/path";

/**
 * Copies a file unless the copy is there already: as large as the source and no older.
 *
 * @throws {Error} Naming both paths, `cause` the system's error; the partial copy is removed.
 */
export async function copyFileIfNewer(from: string, to: string): Promise<void> {
  const folder = dirname(to);
  const partial = join(folder, `.${basename(to)}.${crypto.randomUUID().slice(0, 8)}.partial`);
  try {
    if (await isUpToDate(from, to)) return;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.copyFile(from, partial);
    await Deno.rename(partial, to);
  } catch (cause) {
    await Deno.remove(partial).catch(() => {}); // It may never have been made.
    throw new Error(`Cannot copy ${from} to ${to}: ${(cause as Error).message}`, { cause });
  }
}

async function isUpToDate(from: string, to: string): Promise<boolean> {
  const source = await Deno.stat(from);
  const copy = await Deno.stat(to).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (!copy || copy.size !== source.size) return false;
  return (copy.mtime?.getTime() ?? 0) >= (source.mtime?.getTime() ?? Infinity);
}
