/** Computes SHA-256 hashes. */

import { createHash } from "node:crypto";

/** Hashes the concatenation of parts, without copying them. */
// deno-lint-ignore require-await -- where there is no `node:crypto`, hashes are asynchronous
export async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}
