/**
 * Locks that runs share if they do the same; stands in for `lib/platform/shared_lock.ts`. Each
 * sharer holds a shared lock whose name has the path and the key.
 */

import type { SharedLockOptions } from "../../platform/shared_lock.ts";
import { namedLocks } from "../files/named_locks.ts";
import { acquireLock, FileLock, LockedError } from "./file_lock.ts";

export type { SharedLockOptions };

/** Separates path and key: neither has it. */
const SEPARATOR = "\0";

/**
 * Takes a lock together with all runs that have the same key.
 *
 * @throws {LockedError} If a run holds the lock with another key.
 */
export async function acquireSharedLock(
  path: string,
  { action, key }: SharedLockOptions,
): Promise<FileLock> {
  await using _guard = await acquireLock(`${path}.guard`, { action });
  const locks = await namedLocks();
  const own = path + SEPARATOR + key;
  const other = (await locks.held()).some((name) =>
    name.startsWith(path + SEPARATOR) && name !== own
  );
  const release = other ? undefined : await locks.take(own, "shared");
  if (!release) throw new LockedError(action, path);
  return new FileLock(path, release);
}
