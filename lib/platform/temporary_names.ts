/**
 * Names files and folders that exist only while something is written.
 *
 * A name says which process owns it, so that what a killed process left is recognised. It does not
 * contain the final name, which may be as long as the file system allows. It begins with a dot, so
 * that listings of cases and data sets omit it.
 */

import { basename, dirname, join } from "./paths.ts";
import {
  ownerPattern,
  ownerToken,
  parseOwnerToken,
  type ProcessOwner,
  thisProcess,
} from "./process_owner.ts";
import { shortHash } from "./short_hash.ts";

/** What a temporary file or folder is. */
export type TemporaryKind =
  /** Being written, not complete. */
  | "partial"
  /** A folder that a new one replaces. */
  | "replaced";

/** What a temporary name says. */
export interface TemporaryName {
  readonly owner: ProcessOwner;
  readonly kind: TemporaryKind;
}

const PREFIX = ".nnunet-";
const MARKER_ENDING = ".replacing";
const pattern = new RegExp(`^\\.nnunet-(${ownerPattern})-\\w+\\.(partial|replaced)$`);

/** Returns an unused path in a folder for something that the current process writes. */
export function temporaryPath(folder: string, kind: TemporaryKind): string {
  const { prefix, suffix } = temporaryAffixes(kind);
  return join(folder, prefix + crypto.randomUUID().slice(0, 8) + suffix);
}

/** Returns what precedes and follows the random letters of the current process's temporary names. */
export function temporaryAffixes(kind: TemporaryKind): { prefix: string; suffix: string } {
  return { prefix: `${PREFIX}${ownerToken(thisProcess())}-`, suffix: `.${kind}` };
}

/** Reads a temporary name; undefined if it is another name. */
export function parseTemporaryName(name: string): TemporaryName | undefined {
  const found = pattern.exec(name);
  if (!found) return undefined;
  return { owner: parseOwnerToken(found[1])!, kind: found[2] as TemporaryKind };
}

/** Returns the path of the file that marks a folder as being replaced. */
export function markerPath(folder: string): string {
  return join(dirname(folder), PREFIX + shortHash(basename(folder), 16) + MARKER_ENDING);
}

/** Returns whether a name is that of a marker; see {@link markerPath}. */
export function isMarkerName(name: string): boolean {
  return name.startsWith(PREFIX) && name.endsWith(MARKER_ENDING);
}
