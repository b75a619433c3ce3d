/** Finds the folder in which programs keep what they can make again. */

import { environmentVariable } from "../platform/environment.ts";
import { machine } from "../platform/machine.ts";
import { join } from "../platform/paths.ts";

/**
 * Returns the folder for this library's files among those that the user's programs can make again.
 *
 * @param variable Returns an environment variable.
 * @param os Name of the operating system.
 * @throws {Error} If the system does not say where the user's home is.
 */
export function cacheFolder(
  variable: (name: string) => string | undefined = environmentVariable,
  os: string = machine.os,
): string {
  const given = variable("XDG_CACHE_HOME") || (os === "windows" ? variable("LOCALAPPDATA") : "");
  if (given) return join(given, "nnunet");
  const home = variable("HOME") || variable("USERPROFILE");
  if (!home) throw new Error("Cannot find the home folder; set XDG_CACHE_HOME to a folder");
  return os === "darwin"
    ? join(home, "Library", "Caches", "nnunet")
    : join(home, ".cache", "nnunet");
}
