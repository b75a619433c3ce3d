/** Where a page that uses `nnunet/browser` finds the files it is made of. */

/** Names of the files of `nnunet/browser`, besides those of model pages. */
export const libraryFileNames = {
  /** A classic script that defines the global `nnunet`. */
  library: "nnunet.js",
  workers: "nnunet_workers.js",
} as const;

let address: string | undefined;

/** Sets the address of the folder, with a slash at its end. */
export function setPartsAddress(given: string): void {
  address = given;
}

/** Returns the address of the folder. @throws {Error} If it was not set. */
export function partsAddress(): string {
  if (address !== undefined) return address;
  throw new Error("Cannot find the page's parts: call openParts() first");
}
