/**
 * Locks that let one process at a time do something, also on file systems that several machines
 * share.
 *
 * A lock is a small file that names its holder. It is created exclusively, by a hard link where the
 * file system has them, so it is complete as soon as it exists. The holder rewrites it every
 * {@link HEARTBEAT_MS} ms. A lock is stale, and taken over by the next process, if its holder is a
 * process of this machine that has ended, or if it was not rewritten for {@link STALE_MS} ms. Ages
 * are differences of two files' times on the same file system, so clocks need not agree.
 *
 * To take over a lock, a process creates the file `LOCK.TOKEN`, named after the stale lock's random
 * token. Only one process can, so only one may replace the lock. If it ended before doing so, its
 * own file is a stale lock in turn, which the next process takes over in the same way. Whoever finds
 * that the lock has another token by now has lost and begins again.
 */

import { z } from "../packages/zod.ts";
import { environmentVariable } from "./environment.ts";
import { FileError, naming } from "./file_error.ts";
import { removeLeftovers } from "./leftovers.ts";
import { basename, dirname, join } from "./paths.ts";
import {
  hostName,
  ownerToken,
  parseOwnerToken,
  processState,
  thisProcess,
} from "./process_owner.ts";
import { temporaryPath } from "./temporary_names.ts";

/** Milliseconds between two signs of life. */
export const HEARTBEAT_MS = 20_000;

/** Milliseconds without a sign of life after which an unknown process counts as ended. */
export const STALE_MS = 180_000;

/** Who holds a lock. */
export interface LockHolder {
  /** Name of the holder's machine. */
  readonly host: string;
  /** Number of the holder's process. */
  readonly pid: number;
  /** When the lock was taken, by the holder's clock. */
  readonly since: Date;
}

const recordSchema = z.object({
  host: z.string(),
  pid: z.int(),
  process: z.string(),
  since: z.iso.datetime(),
  token: z.string().regex(/^[0-9a-z]+$/),
  key: z.string().optional(),
});

/** The content of a lock file. */
export type LockRecord = z.infer<typeof recordSchema>;

/** Stands for a lock whose content cannot be read, perhaps because it is just being written. */
const unreadable: LockRecord = {
  host: "an unknown machine",
  pid: 0,
  process: "",
  since: new Date(0).toISOString(),
  token: "unreadable",
};

/**
 * Thrown if another run is already doing what was asked for, such as training the same fold.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { LockedError } from "nnunet";
 *
 * const holder = { host: "node7", pid: 4711, since: new Date("2026-11-30T08:15:00Z") };
 * const error = new LockedError("train fold_0", "results/.fold_0.lock", holder);
 * assert.match(error.message, /^Cannot train fold_0: process 4711 on node7 has been working on it since/);
 * ```
 */
export class LockedError extends Error {
  /** The class's name. */
  override readonly name = "LockedError";
  /** Path of the lock file. */
  readonly path: string;
  /** Who holds the lock. */
  readonly holder: LockHolder;

  /**
   * Creates an error whose message names the holder and what to do.
   *
   * @param action What cannot be done, such as `train fold_0`.
   * @param path Path of the lock file.
   * @param holder Who holds the lock.
   */
  constructor(action: string, path: string, holder: LockHolder) {
    const { host, pid, since } = holder;
    const when = since.toISOString().slice(0, 19).replace("T", " ");
    super(
      host === hostName() && pid === thisProcess().pid
        ? `Cannot ${action}: this process has been working on it since ${when} UTC; wait until that run ` +
          "ends, or abort it"
        : `Cannot ${action}: process ${pid} on ${host} has been working on it since ${when} UTC; wait ` +
          `until it ends, or stop it; if it has ended already, try again in ${STALE_MS / 60_000} ` +
          `minutes, or delete ${path}`,
    );
    this.path = path;
    this.holder = holder;
  }
}

/** Options of {@link acquireLock}. */
export interface LockOptions {
  /** What the lock is needed for, to follow "Cannot" in messages. */
  readonly action: string;
  /** Called if the lock of a process that has ended was taken over. */
  readonly onTakeover?: (previous: LockHolder) => void;
  /** Text kept in the lock, for {@link readLock}. */
  readonly key?: string;
}

/** A lock that this process holds until it is disposed of. */
export class FileLock implements AsyncDisposable {
  /** Path of the lock file. */
  readonly path: string;
  readonly #action: string;
  readonly #record: LockRecord;
  /** The open lock file: signs of life must not go to the file of another holder. */
  readonly #file: Deno.FsFile;
  readonly #lost = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param file The lock file, opened for writing. */
  constructor(path: string, record: LockRecord, file: Deno.FsFile, action: string) {
    this.path = path;
    this.#action = action;
    this.#record = record;
    this.#file = file;
    this.#timer = setInterval(() => void this.beat(), HEARTBEAT_MS);
    this.#timer.unref(); // The process may end before the lock is released.
  }

  /**
   * Aborted with a {@link LockedError} if another process took the lock over, as it may if this one
   * was suspended for minutes.
   */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Gives a sign of life, unless the lock was taken over. It is called regularly. */
  async beat(): Promise<void> {
    try {
      const found = await readLock(this.path);
      if (found && found.token !== this.#record.token) {
        this.#lost.abort(new LockedError(this.#action, this.path, holderOf(found)));
        return;
      }
      await this.#file.seek(0, Deno.SeekMode.Start);
      await this.#file.write(encode(this.#record));
      await this.#file.syncData();
    } catch {
      // The next sign of life may succeed; the disk may be full or a server restarting.
    }
  }

  /** Releases the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await release(this.path, this.#record);
    this.#file.close();
  }
}

/**
 * Takes a lock, also that of a process that has ended. The folder of the lock must exist.
 *
 * @param path Path of the lock file.
 * @throws {LockedError} If another run holds it, in this process or another.
 * @throws {FileError} If the folder cannot be written to.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<FileLock> {
  const { action, onTakeover, key } = options;
  const self = thisProcess();
  const token = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  const record: LockRecord = {
    host: hostName(),
    pid: self.pid,
    process: ownerToken(self),
    since: new Date().toISOString(),
    token,
    key,
  };
  removeLeftovers(dirname(path));
  const own = temporaryPath(dirname(path), "partial");
  try {
    await Deno.writeFile(own, encode(record), { createNew: true });
    const previous = await enterPatiently(path, own, record, action);
    const file = await openEntered(path, record);
    if (previous) onTakeover?.(holderOf(previous));
    return new FileLock(path, record, file, action);
  } catch (cause) {
    throw cause instanceof LockedError ? cause : new FileError("write", path, cause);
  } finally {
    await removeQuietly(own);
  }
}

/** Opens the lock that was just taken, or releases it. */
async function openEntered(path: string, record: LockRecord): Promise<Deno.FsFile> {
  try {
    await removeTakeovers(path);
    return await Deno.open(path, { read: true, write: true });
  } catch (error) {
    await release(path, record);
    throw error;
  }
}

/** Removes a lock unless another process has taken it over. */
async function release(path: string, { token }: LockRecord): Promise<void> {
  if ((await readLock(path))?.token === token) await removeQuietly(path);
}

/**
 * Names the variable that says how many seconds to wait for a lock. Schedulers restart a job whose
 * machine was lost on another one, which cannot know whether the first one's process has ended.
 */
const PATIENCE_VARIABLE = "NNUNET_LOCK_PATIENCE";

/** Makes `own` the lock, as {@link enter} does, if need be after waiting. */
async function enterPatiently(
  path: string,
  own: string,
  record: LockRecord,
  action: string,
): Promise<LockRecord | undefined> {
  const until = performance.now() + 1000 * patienceSeconds();
  for (;;) {
    try {
      return await enter(path, own, record, action);
    } catch (error) {
      if (!(error instanceof LockedError) || performance.now() >= until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function patienceSeconds(): number {
  return Number(environmentVariable(PATIENCE_VARIABLE)) || 0;
}

/**
 * Makes `own` the lock.
 *
 * @returns The record of the stale lock that it replaces, if there was one.
 */
async function enter(
  path: string,
  own: string,
  record: LockRecord,
  action: string,
): Promise<LockRecord | undefined> {
  for (;;) {
    if (await linkExclusively(own, path, record)) return undefined;
    const first = await readLock(path);
    let last = first;
    let at = path;
    while (first && last && await isAbandoned(at, last, own)) {
      at = `${path}.${last.token}`;
      if (!await linkExclusively(own, at, record)) {
        last = await readLock(at);
        continue;
      }
      // Someone may have taken over and removed the files that led here.
      if ((await readLock(path))?.token === first.token) {
        await Deno.rename(own, path);
        await removeQuietly(at);
        return first;
      }
      await removeQuietly(at);
      last = undefined;
    }
    if (last) throw new LockedError(action, path, holderOf(last));
  }
}

/** Creates a file with the content of `own` unless it exists. */
async function linkExclusively(own: string, path: string, record: LockRecord): Promise<boolean> {
  try {
    await Deno.link(own, path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      // A server may repeat a request whose answer was lost.
      return (await readLock(path))?.token === record.token;
    }
    // Some file systems have no hard links.
    try {
      await Deno.writeFile(path, encode(record), { createNew: true });
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    }
  }
}

/**
 * Returns whether the process that wrote a lock has ended.
 *
 * @param own A file of this process in the same folder.
 */
async function isAbandoned(path: string, record: LockRecord, own: string): Promise<boolean> {
  const owner = parseOwnerToken(record.process);
  const state = owner ? processState(owner) : "elsewhere";
  if (state === "ended") return true;
  // Without its start, a process that runs may be another one of the same number.
  const certain = owner?.start !== 0 && thisProcess().start !== 0;
  if (state !== "elsewhere" && certain) return false;
  return await ageOf(path, own) > STALE_MS;
}

/** Returns how much older a file is than a file that is written now, in milliseconds. */
async function ageOf(path: string, own: string): Promise<number> {
  try {
    await Deno.writeFile(own, await Deno.readFile(own), { create: false });
    const [{ mtime: now }, { mtime: then }] = [await Deno.stat(own), await Deno.stat(path)];
    return now && then ? now.getTime() - then.getTime() : 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return Infinity; // It was released meanwhile.
    throw error;
  }
}

/**
 * Reads a lock file.
 *
 * @returns Undefined if it does not exist.
 */
export async function readLock(path: string): Promise<LockRecord | undefined> {
  try {
    const text = await Deno.readTextFile(path);
    return recordSchema.parse(JSON.parse(text));
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? undefined : unreadable;
  }
}

/** Returns whether the process that holds a lock has ended; see {@link acquireLock}. */
export async function isStale(path: string, record: LockRecord): Promise<boolean> {
  const own = temporaryPath(dirname(path), "partial");
  try {
    await naming("write", own, Deno.writeFile(own, new Uint8Array()));
    return await isAbandoned(path, record, own);
  } finally {
    await removeQuietly(own);
  }
}

/** Removes files of processes that ended while they were taking the lock over. */
async function removeTakeovers(path: string): Promise<void> {
  const folder = dirname(path);
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const record = await readLock(join(folder, name));
    const owner = parseOwnerToken(record?.process ?? "");
    if (owner && processState(owner) === "ended") await removeQuietly(join(folder, name));
  }
}

/** Returns who wrote a lock. */
export function holderOf({ host, pid, since }: LockRecord): LockHolder {
  return { host, pid, since: new Date(since) };
}

function encode(record: LockRecord): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`);
}

async function removeQuietly(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {}); // It may not exist.
}
