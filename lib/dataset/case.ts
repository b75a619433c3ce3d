/** Defines the files of a case. */

import { nameSome } from "../files/some_names.ts";

/** A case without a label map. */
export interface TestCase {
  /** Name, the files' names without channel number and ending. */
  readonly name: string;
  /** Paths of the images, ordered by channel. */
  readonly images: readonly string[];
  /** Name of the first file that it lacks before its last channel, if it lacks one. */
  readonly missing?: string;
}

/** A case with or without a label map. */
export interface AnyCase extends TestCase {
  /** Path of the label map, if it has one. */
  readonly label?: string;
  /** Whether the label map is to be drawn from the structures of the DICOM file `label`. */
  readonly hasStructures?: boolean;
}

/** A case to train on. */
export interface TrainingCase extends TestCase {
  /** Path of the label map, which need not exist. */
  readonly label: string;
  /** Whether the label map is to be drawn from the structures of the DICOM file `label`. */
  readonly hasStructures?: boolean;
}

/**
 * Requires that cases have their channels without gaps: the files that are there would be taken for
 * others.
 *
 * @param action What cannot be done otherwise, such as "plan".
 * @throws {RangeError} If a case lacks a file before its last channel.
 */
export function requireChannels(cases: readonly TestCase[], action: string): void {
  const missing = cases.flatMap((one) => one.missing ?? []);
  if (missing.length === 0) return;
  throw new RangeError(
    `Cannot ${action}: ${nameSome(missing)} ${
      missing.length > 1 ? "are" : "is"
    } missing, expected ` +
      "each case's channels from _0000 on without gaps",
  );
}
