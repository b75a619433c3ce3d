/** Pages have no packages; stands in for `lib/platform/package_file.ts`. */

/** @throws {Error} Always. */
export function packageFile(specifier: string): never {
  throw new Error(`Cannot find ${specifier}: a page has no packages`);
}
