/** Finds files of npm packages. */

import { createRequire } from "node:module";
import "../packages/pngjs.ts"; // So that a file of a package is loaded.

/**
 * Returns the path of a package's file.
 *
 * Packages are searched for from the folder of one that is loaded, since this module may have no
 * folder, if it was loaded over http, or one without packages, if a program elsewhere imports it.
 *
 * @param specifier Package and path within it, or the package alone for its main module.
 * @throws {Error} If the package is not installed or has no such file.
 */
export function packageFile(specifier: string): string {
  return createRequire(loadedPackage()).resolve(specifier);
}

/**
 * Returns the folder whose `node_modules` holds the packages in use; undefined if Deno's cache does.
 */
export function folderOfPackages(): string | undefined {
  return /^(.*?)[/\\]node_modules[/\\]/s.exec(loadedPackage())?.[1];
}

/** Returns the path of a module of a package that is loaded. */
function loadedPackage(): string {
  const { cache } = createRequire(
    import.meta.url.startsWith("file:") ? import.meta.url : "file:///",
  );
  const path = Object.keys(cache).find((path) => /[/\\]pngjs[/\\]/.test(path));
  return path ?? import.meta.url; // In a bundle, no package is loaded as a file.
}
