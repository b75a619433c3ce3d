/** Keeping cases in memory as long as there is room; of the others only patches are read. */

import type { OpenCase, TrainingCase } from "./training_case.ts";

/** Finds a case by its name. */
export type ReadCase = (name: string) => Promise<TrainingCase>;

/**
 * A reader that keeps whole cases, up to a number of bytes. Those that find no room are opened
 * again each time, and patches are read from their files.
 *
 * Nothing is ever dropped for something else: cases are drawn at random, so one is as likely to be
 * needed next as another, and dropping would mean reading whole cases for single patches.
 */
export function cacheCases(
  open: (name: string) => Promise<OpenCase>,
  maxBytes: number,
): ReadCase {
  const kept = new Map<string, TrainingCase>();
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
