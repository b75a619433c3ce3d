/**
 * Reaches files and folders by path, even if a killed process was replacing a folder on the way:
 * whoever finds such a folder missing finishes its replacement. All access by path goes through
 * here.
 */

import { type FileAction, naming, namingSync } from "./file_error.ts";
import { removeLeftovers } from "./leftovers.ts";
import { dirname } from "./paths.ts";
import { finishReplacement } from "./replacement.ts";

/**
 * Does something with a path, and tries again if a folder was missing that is there now.
 *
 * @param path The path, which errors name; in a list, the first of those that must be reached.
 * @param work What to do; called a second time only if the first call found nothing.
 * @throws {FileError} If it fails.
 */
export function accessing<T>(
  action: FileAction,
  path: string | readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const paths = typeof path === "string" ? [path] : path;
  return naming(
    action,
    paths[0],
    work().catch((error) => {
      if (!mayBeThereNow(error, paths)) throw error;
      return work();
    }),
  );
}

/** Does the same as {@link accessing}, but synchronously. */
export function accessingSync<T>(action: FileAction, path: string, work: () => T): T {
  return namingSync(action, path, () => {
    try {
      return work();
    } catch (error) {
      if (!mayBeThereNow(error, [path])) throw error;
      return work();
    }
  });
}

function mayBeThereNow(error: unknown, paths: readonly string[]): boolean {
  if (!(error instanceof Deno.errors.NotFound)) return false;
  const finished = paths.map(finishReplacement).filter((folder) => folder !== undefined);
  // The old folder may be left.
  for (const folder of finished) removeLeftovers(dirname(folder));
  return finished.length > 0;
}
