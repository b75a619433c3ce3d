/** Locks that several processes share if they do the same, such as parts of one prediction. */

import { basename, dirname, join } from "./paths.ts";
import { createFolder, listFolder, removeIfPresent } from "./files.ts";
import {
  acquireLock,
  type FileLock,
  holderOf,
  isStale,
  LockedError,
  type LockOptions,
  readLock,
} from "./file_lock.ts";

/** Options of {@link acquireSharedLock}. */
export interface SharedLockOptions extends LockOptions {
  /** What is done, as text: only processes with equal keys share the lock. */
  readonly key: string;
}

/** Attempts, and milliseconds between them, to take the lock that guards the list of sharers. */
const GUARD = { attempts: 100, pause: 50 };

/**
 * Takes a lock together with all processes that have the same key.
 *
 * Each holder has a file `PATH.TOKEN.sharer`. The lock `PATH.guard` is held while they are compared, for
 * milliseconds. The folder is created if it does not exist.
 *
 * @param path Path whose name begins the names of the lock's files, such as
 * `predictions/.prediction.lock`.
 * @returns This process's share, until it is disposed of.
 * @throws {LockedError} If a running process holds the lock with another key.
 * @throws {Error} If the folder cannot be written to.
 *
 * @example Two parts of a prediction may run at the same time, two models may not
 * ```ts ignore
 * const path = join(output, ".prediction.lock");
 * await using lock = await acquireSharedLock(path, { action: `predict into ${output}`, key: model });
 * ```
 */
export async function acquireSharedLock(
  path: string,
  options: SharedLockOptions,
): Promise<FileLock> {
  const { action, key, onTakeover } = options;
  await createFolder(dirname(path), { recursive: true });
  await using _guard = await acquireGuard(path, action);
  for await (const { name } of listFolder(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith(".sharer")) continue;
    const sharer = join(dirname(path), name);
    const record = await readLock(sharer);
    if (!record) continue;
    if (await isStale(sharer, record)) {
      await removeIfPresent(sharer);
      onTakeover?.(holderOf(record));
    } else if (record.key !== key) {
      throw new LockedError(action, sharer, holderOf(record));
    }
  }
  const token = crypto.randomUUID().slice(0, 8);
  return await acquireLock(`${path}.${token}.sharer`, { action, key });
}

async function acquireGuard(path: string, action: string): Promise<FileLock> {
  for (let attempt = 1;; attempt++) {
    try {
      return await acquireLock(`${path}.guard`, { action });
    } catch (error) {
      if (!(error instanceof LockedError) || attempt === GUARD.attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, GUARD.pause));
    }
  }
}
