/**
 * Removes what killed processes left in a folder: files and folders with the temporary names of
 * `temporary_names.ts`.
 *
 * Nothing is removed that a running process may be writing. If a process ran on another machine or
 * in another container, nothing is known about it, so its files are removed when they are old.
 */

import { join } from "./paths.ts";
import { processState } from "./process_owner.ts";
import { onSent, report, sendToStarter } from "./file_messages.ts";
import { finishMarked, isLeftMarker } from "./replacement.ts";
import { isMarkerName, parseTemporaryName } from "./temporary_names.ts";

/** Age from which files of other machines are left over: a day, longer than any file takes. */
const OLD = 24 * 3600 * 1000;

/** How long a folder is not searched again. */
const INTERVAL = 60_000;

/** Milliseconds in which calls to the file system end that were under way. */
const SETTLING = 100;

/** Names that earlier versions gave to what they were writing. */
const formerName = /^\..+\.[0-9a-f]{8}\.partial$/;

/** When each folder was last searched by this thread. */
const searched = new Map<string, number>();

/** Folders in which this thread and the workers that it started have written. */
const written = new Set<string>();

/**
 * Removes and reports what killed processes left directly in a folder, unless that was done during
 * the last minute. Problems are ignored: leftovers do no harm.
 *
 * @param folder A folder in which something is about to be written.
 */
export function removeLeftovers(folder: string): void {
  const now = Date.now();
  if (now - (searched.get(folder) ?? -Infinity) < INTERVAL) return;
  searched.set(folder, now);
  if (!written.has(folder)) {
    written.add(folder);
    sendToStarter("writesIn", folder);
  }
  const { removed, bytes } = removeFrom(folder, isOver);
  if (removed > 0) report({ folder, removed, bytes });
}

/**
 * Removes what the current process has not completed. Call it when no thread writes any more, for
 * example after workers were terminated. {@link removeUnfinishedAndWait} is for other moments.
 */
export function removeUnfinished(): void {
  const isOwn = (_: string, name: string) => {
    const temporary = parseTemporaryName(name);
    return temporary !== undefined && processState(temporary.owner) === "this";
  };
  for (const folder of written) removeFrom(folder, isOwn);
}

/**
 * Removes what the current process has not completed, right before it exits in the middle of its
 * work. Calls under way in Deno's threads may still create something, so it waits for them and looks
 * again; meanwhile this thread adds none.
 */
export function removeUnfinishedAndWait(): void {
  removeUnfinished();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLING);
  removeUnfinished();
}

/** Receives what a worker sent by `sendToStarter()`. */
onSent("writesIn", (folder) => written.add(folder as string));

/** @param isOver Returns whether something with a temporary name is left over. */
function removeFrom(folder: string, isOver: (path: string, name: string) => boolean) {
  // Replacements come first: they may still need a folder that looks like a leftover.
  for (const name of namesIn(folder)) if (isMarkerName(name)) finishMarked(join(folder, name));
  let [removed, bytes] = [0, 0];
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    try {
      const isLeft = isMarkerName(name)
        ? isLeftMarker(path, (complete) => isOver(path, complete))
        : isOver(path, name);
      if (!isLeft) continue;
      const size = sizeOf(path);
      Deno.removeSync(path, { recursive: true });
      removed++;
      bytes += size;
    } catch {
      // Another process was faster, or this one may not remove it.
    }
  }
  return { removed, bytes };
}

/** Returns whether the process that owns a temporary name has ended; false for other names. */
function isOver(path: string, name: string): boolean {
  const temporary = parseTemporaryName(name);
  const state = temporary
    ? processState(temporary.owner)
    : formerName.test(name)
    ? "elsewhere"
    : "this";
  if (state === "elsewhere") return Date.now() - lastChange(path) > OLD;
  return state === "ended";
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return [];
  }
}

/** Returns when something in a file or folder was last changed, in milliseconds. */
function lastChange(path: string): number {
  const { mtime, ctime, isDirectory } = Deno.lstatSync(path);
  // Copies keep the time of their content; the second time is that of the copy.
  const own = Math.max(mtime?.getTime() ?? Infinity, ctime?.getTime() ?? 0);
  if (!isDirectory) return own;
  return namesIn(path).reduce((last, name) => Math.max(last, lastChange(join(path, name))), own);
}

function sizeOf(path: string): number {
  const { size, isDirectory } = Deno.lstatSync(path);
  if (!isDirectory) return size;
  return namesIn(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
