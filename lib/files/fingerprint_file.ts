/** Reads and writes `dataset_fingerprint.json` files. */

import { writeFileAtomically } from "../platform/atomic_write.ts";
import { formatFingerprint, parseFingerprint } from "./fingerprint_json.ts";
import type { Fingerprint } from "./plans.ts";
import { readParsed } from "../platform/read_text.ts";

/** Writes a fingerprint in nnU-Net's format. */
export function writeFingerprint(path: string, fingerprint: Fingerprint): Promise<void> {
  return writeFileAtomically(path, formatFingerprint(fingerprint));
}

/**
 * Reads a fingerprint that nnU-Net or {@link writeFingerprint} wrote.
 *
 * @throws {Error} If the file cannot be read.
 * @throws {SyntaxError} If it is not a fingerprint.
 */
export function readFingerprint(path: string): Promise<Fingerprint> {
  return readParsed(path, "fingerprint", parseFingerprint);
}
