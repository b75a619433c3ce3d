/** Describes files that were found in a folder but not taken, so that commands can report them. */

import { nameSome } from "../files/some_names.ts";

/** A file or folder that is not part of any case, and why. */
export interface IgnoredFile {
  /** Path within the folder that was read, such as `b.nii` or `patient/LICENSE.txt`. */
  readonly path: string;
  /** Why it was not taken, such as `ends in .nii, expected .nii.gz`. */
  readonly reason: string;
}

/**
 * Describes ignored files, those with the same reason together.
 *
 * @param ignored The files.
 * @returns One line per reason, such as `b.nii, c.nii: ends in .nii, expected .nii.gz`;
 * long lists of names are shortened.
 */
export function describeIgnored(ignored: readonly IgnoredFile[]): string[] {
  const byReason = Map.groupBy(ignored, ({ reason }) => reason);
  return [...byReason].map(([reason, files]) =>
    `${nameSome(files.map(({ path }) => path))}: ${reason}`
  );
}
