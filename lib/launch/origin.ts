/** Says where this program was loaded from, which decides how it is started and upgraded. */

import { fileURLToPath } from "node:url";
import { packageName, version } from "./version.ts";

/** Where the program was loaded from. */
export type Origin =
  | {
    readonly kind: "clone";
    /** Folder of `deno.json`. */
    readonly folder: string;
  }
  | {
    readonly kind: "package";
    /** The package without its version, such as `jsr:@scope/name`. */
    readonly name: string;
    readonly version: string;
  }
  | {
    readonly kind: "address";
    /** Address of the folder of `mod.ts`, with a slash at its end. */
    readonly address: string;
  };

/** Returns where this program was loaded from. */
export function ownOrigin(): Origin {
  return originOf(import.meta.url);
}

/** Path of `mod.ts`'s folder from this one. */
const toRoot = "../../";

/**
 * Returns where a module was loaded from.
 *
 * @param address The module's address; it is in `lib/launch/`.
 */
export function originOf(address: string): Origin {
  const root = new URL(toRoot, address);
  if (root.protocol === "file:") {
    // Deno runs no TypeScript in npm packages, so theirs is compiled.
    if (address.endsWith(".ts")) return { kind: "clone", folder: fileURLToPath(root) };
    return { kind: "package", name: `npm:${packageName}`, version };
  }
  if (root.pathname === `/${packageName}/${version}/`) {
    return { kind: "package", name: `jsr:${packageName}`, version };
  }
  return { kind: "address", address: root.href };
}
