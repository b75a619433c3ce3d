/** Hashes names, with FNV-1a of 64 bits. */

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** Returns the first hexadecimal digits of a text's hash, at most 16. */
export function shortHash(text: string, digits: number): string {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  }
  return hash.toString(16).padStart(16, "0").slice(0, digits);
}
