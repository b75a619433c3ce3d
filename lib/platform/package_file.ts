/** Files of the packages that the library uses. */

import { createRequire } from "node:module";

/**
 * The path of a package's file.
 *
 * @param specifier The package and the path in it, or the package alone for its main module.
 * @throws {Error} If the package is not installed or has no such file.
 */
export function packageFile(specifier: string): string {
  return createRequire(import.meta.url).resolve(specifier);
}
