/**
 * Locks that let one run at a time do something with the files of a page; stands in for
 * `lib/platform/file_lock.ts`. They are web locks, which end with the thread that holds them; where
 * the browser has none, as for pages opened from a disk, those of this thread.
 */

import type { LockHolder } from "../../platform/file_lock.ts";
import { namedLocks } from "../files/named_locks.ts";

export type { LockHolder };

/** Thrown if another run is already doing what was asked for, such as training the same fold. */
export class LockedError extends Error {
  /** The class's name. */
  override readonly name = "LockedError";
  /** Path of the lock. */
  readonly path: string;
  /** Who holds the lock: this browser, since a time that is not known. */
  readonly holder: LockHolder = { host: "this browser", pid: 0, since: new Date(0) };

  /**
   * Creates an error that says what to do.
   *
   * @param action What cannot be done, such as `train fold_0`.
   * @param path Path of the lock.
   */
  constructor(action: string, path: string) {
    super(
      `Cannot ${action}: this browser is working on it already; wait until that run ends, or abort ` +
        "it",
    );
    this.path = path;
  }
}

/** Options of {@link acquireLock}. */
export interface LockOptions {
  /** What the lock is needed for, to follow "Cannot" in messages. */
  readonly action: string;
  /** Never called: a lock ends with its holder, so that none has to be taken over. */
  readonly onTakeover?: (previous: LockHolder) => void;
}

/** A lock that this thread holds until it is disposed of. */
export class FileLock implements AsyncDisposable {
  /** Path of the lock. */
  readonly path: string;
  /** Never aborted: no other run takes over a lock that is held. */
  readonly lost: AbortSignal = new AbortController().signal;
  readonly #release: () => void | Promise<void>;

  /** @param release Ends the lock. */
  constructor(path: string, release: () => void | Promise<void>) {
    this.path = path;
    this.#release = release;
  }

  /** Releases the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release();
  }
}

/**
 * Takes a lock.
 *
 * @param path Path of the lock, where no file is made.
 * @throws {LockedError} If another run holds it, in this page or another of the site.
 */
export async function acquireLock(path: string, { action }: LockOptions): Promise<FileLock> {
  const release = await (await namedLocks()).take(path, "exclusive");
  if (!release) throw new LockedError(action, path);
  return new FileLock(path, release);
}
