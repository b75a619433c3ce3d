/** Finds files of npm packages. */

import { createRequire } from "node:module";

/**
 * Returns the path of a package's file.
 *
 * @param specifier Package and path within it, or the package alone for its main module.
 * @throws {Error} If the package is not installed or has no such file.
 */
export function packageFile(specifier: string): string {
  return createRequire(import.meta.url).resolve(specifier);
}
