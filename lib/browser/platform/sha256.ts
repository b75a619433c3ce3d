/** Computes SHA-256 hashes with the browser; stands in for `lib/platform/sha256.ts`. */

import { joinBytes } from "../../array/join_bytes.ts";

/**
 * Hashes the concatenation of parts.
 *
 * @throws {Error} If the page was loaded over http from another machine, for which browsers have no
 * hashes.
 */
export async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto };
  if (!subtle) {
    throw new Error("Cannot compute hashes: this page was loaded over http; load it over https");
  }
  return new Uint8Array(await subtle.digest("SHA-256", joinBytes(parts)));
}
