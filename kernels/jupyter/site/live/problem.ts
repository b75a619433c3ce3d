/** Says in plain words why the live course cannot do something. */

import { isOutOfMemory } from "../../../../lib/browser/out_of_memory.ts";
import { reasonOf } from "../../../../lib/options/reason_of.ts";

/** Describes an error for readers. */
export function problemOf(error: unknown): string {
  const reason = reasonOf(error);
  return isOutOfMemory(reason)
    ? "The memory that a page can have is used up. Choose larger voxels, fewer features or less GPU " +
      `memory to plan for, close other tabs, and try again (${reason})`
    : reason;
}

/**
 * Returns why the course cannot run in this browser at this address; undefined if it can.
 *
 * @param page What a browser gives a page.
 */
export function whyNotHere(
  page: {
    readonly location: { readonly protocol: string };
    readonly isSecureContext: boolean;
    readonly WebAssembly?: unknown;
    readonly Worker?: unknown;
  },
): string | undefined {
  if (page.location.protocol === "file:") {
    return "Browsers load no programs for a page that was opened from a disk. Serve the site's " +
      "folder, for example with python3 -m http.server in it, and open the address that this " +
      "prints. All other pages of the site work from the disk.";
  }
  if (page.WebAssembly === undefined) {
    return "This browser runs no WebAssembly, in which networks compute; some turn it off to be " +
      "safer. Allow it for this page, or open the page in another browser.";
  }
  if (page.Worker === undefined) {
    return "This browser has no workers, in which networks compute. Open the page in another one.";
  }
  if (!page.isSecureContext) {
    return "This page came over http from another machine. Browsers give such a page no hashes, which " +
      "the course needs, and keep no files for it. Open it over https, or serve the site’s folder on " +
      "this computer.";
  }
}
