/** Caches cases in memory while there is room; of other cases, only patches are read. */

import type { PatchSource, StoredPatchSource } from "./patch_source.ts";

/** Reads or opens a case by name. */
export type ReadCase = (name: string) => Promise<PatchSource>;

/**
 * Creates a reader that keeps whole cases in memory, up to a number of bytes. A case that does not
 * fit is opened each time, and its patches are read from its files.
 *
 * The cache never evicts: cases are drawn at random, so all are equally likely to be needed next,
 * and eviction would mean reading a whole case for a single patch.
 */
export function cacheCases(
  open: (name: string) => Promise<StoredPatchSource>,
  maxBytes: number,
): ReadCase {
  const kept = new Map<string, PatchSource>();
  let room = maxBytes;
  return async (name) => {
    const found = kept.get(name);
    if (found) return found;
    const stored = await open(name);
    if (stored.bytes > room) return stored;
    const whole = stored.load();
    kept.set(name, whole);
    room -= stored.bytes;
    return whole;
  };
}
