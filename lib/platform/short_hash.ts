/** Hashes names. */

import { createHash } from "node:crypto";

/** Returns the first hexadecimal digits of a text's hash. */
export function shortHash(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
