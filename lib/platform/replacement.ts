/**
 * Replaces folders, so that a killed process leaves the old folder or the new one.
 *
 * Systems cannot exchange two folders in one step: the old folder is moved away before the new one
 * takes its place, and a process that is killed in between leaves neither. So a marker is written
 * next to the folder while it is replaced. It exists only if the new folder is complete, and names
 * where both are. Whoever finds the folder missing looks for the marker and finishes the work; see
 * `files.ts`. If the folder is there, what is there counts, and the marker means nothing.
 */

import { naming } from "./file_error.ts";
import { flushFile, flushFolder, flushFolderSync } from "./flush.ts";
import { basename, dirname, join } from "./paths.ts";
import { processState } from "./process_owner.ts";
import { report } from "./file_messages.ts";
import { markerPath, parseTemporaryName, temporaryPath } from "./temporary_names.ts";

/** Content of a marker; all names are relative to its folder. */
interface Marker {
  readonly folder: string;
  /** The complete new folder, until it takes its place. */
  readonly complete: string;
  /** Where the old folder is moved: a temporary name, or the one by which it is kept. */
  readonly replaced: string;
}

/**
 * Puts a complete new folder in the place of another, which is removed.
 *
 * @param complete The new folder, on the same file system, with a temporary name.
 * @param folder The folder to replace; it may be missing.
 * @param kept Where the old folder is kept, in the same parent, instead of being removed.
 * @throws {Error} If a folder cannot be moved, which leaves the old one in place, or if another
 * process is replacing the folder.
 */
export async function replaceFolder(
  complete: string,
  folder: string,
  kept?: string,
): Promise<void> {
  const parent = dirname(folder);
  const replaced = kept ?? temporaryPath(parent, "replaced");
  const marker = markerPath(folder);
  requireUnused(marker, folder);
  const written = temporaryPath(parent, "partial");
  const content: Marker = {
    folder: basename(folder),
    complete: basename(complete),
    replaced: basename(replaced),
  };
  try {
    await naming("write", folder, Deno.writeTextFile(written, JSON.stringify(content)));
    await flushFile(written);
    await naming("write", folder, Deno.rename(written, marker));
  } catch (error) {
    await Deno.remove(written).catch(() => {}); // It may not exist.
    throw error;
  }
  await flushFolder(parent);
  try {
    await naming("move", folder, Deno.rename(folder, replaced).catch(ignoreMissing));
    try {
      await naming("move", complete, Deno.rename(complete, folder));
    } catch (error) {
      // Another process may have finished the work, having found the folder missing.
      if (isThere(complete) || !isThere(folder)) {
        await Deno.rename(replaced, folder).catch(ignoreMissing);
        throw error;
      }
    }
    await flushFolder(parent);
  } finally {
    await Deno.remove(marker).catch(ignoreMissing);
  }
  if (kept !== undefined) return;
  const removing = Deno.remove(replaced, { recursive: true }).catch(ignoreMissing);
  await naming("remove", replaced, removing);
}

/** @throws {Error} If a process that may be running is replacing the folder. */
function requireUnused(marker: string, folder: string): void {
  const found = readMarker(marker);
  const owner = found && parseTemporaryName(found.complete)?.owner;
  if (owner === undefined) return;
  const state = processState(owner);
  // Processes of other machines can only be judged by age, and replacing takes a moment.
  const recent = () => Date.now() - Deno.statSync(marker).mtime!.getTime() < 60_000;
  if (state === "alive" || (state === "elsewhere" && recent())) {
    throw new Error(`Cannot replace ${folder}: another process is replacing it`);
  }
}

/**
 * Finishes the replacement of a folder that is missing because a process was killed.
 *
 * Several processes may do this at once, even while the first one is still at work.
 *
 * @param path A path that was not found: the folder, or a path below it.
 * @returns The folder, if it is there now, so that it is worth trying the path again.
 */
export function finishReplacement(path: string): string | undefined {
  try {
    const folder = highestMissing(path);
    return folder !== undefined && finish(markerPath(folder)) ? folder : undefined;
  } catch {
    return undefined; // What the caller found remains true: the path does not exist.
  }
}

/** Finishes what a marker stands for, if its folder is missing; see {@link finishReplacement}. */
export function finishMarked(marker: string): void {
  try {
    finish(marker);
  } catch {
    // The folder stays missing, and the marker in place.
  }
}

function finish(marker: string): boolean {
  const content = readMarker(marker);
  if (!content) return false;
  const parent = dirname(marker);
  const [folder, complete, replaced] = [content.folder, content.complete, content.replaced]
    .map((name) => join(parent, name));
  if (isThere(folder)) return true;
  const placed = moveIfThere(complete, folder) ? "new" : isThere(folder)
    ? undefined // Another process was faster.
    : moveIfThere(replaced, folder)
    ? "old"
    : undefined;
  flushFolderSync(parent);
  // What is left of the old folder is removed with other leftovers.
  removeFile(marker);
  if (placed) report({ folder, finished: placed });
  return isThere(folder);
}

/**
 * Returns whether a marker is left over: its folder is there, and its process has ended.
 *
 * @param isOver Returns whether the owner of a temporary name has ended.
 */
export function isLeftMarker(marker: string, isOver: (name: string) => boolean): boolean {
  const content = readMarker(marker);
  // A marker appears complete, so other content is not from here.
  if (!content) return false;
  return isThere(join(dirname(marker), content.folder)) && isOver(content.complete);
}

function readMarker(path: string): Marker | undefined {
  let content: Partial<Marker>;
  try {
    content = JSON.parse(Deno.readTextFileSync(path));
  } catch {
    return undefined;
  }
  const { folder, complete, replaced } = content ?? {};
  // The names are used as paths, so anything else is not believed.
  if (typeof folder !== "string" || markerPath(join(dirname(path), folder)) !== path) {
    return undefined;
  }
  if (!isName(folder)) return undefined;
  if (typeof complete !== "string" || parseTemporaryName(complete)?.kind !== "partial") {
    return undefined;
  }
  // A folder that is kept has a name of its own.
  if (typeof replaced !== "string" || !isName(replaced)) return undefined;
  return { folder, complete, replaced };
}

/** Whether a text names something in a folder, rather than leading out of it. */
function isName(text: string): boolean {
  return basename(text) === text && text !== "" && text !== "." && text !== "..";
}

/** Returns the part of a missing path whose parent exists. */
function highestMissing(path: string): string | undefined {
  for (let missing = path;;) {
    const parent = dirname(missing);
    if (parent === missing) return undefined;
    if (isThere(parent)) return isThere(missing) ? undefined : missing;
    missing = parent;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

function moveIfThere(from: string, to: string): boolean {
  try {
    Deno.renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    ignoreMissing(error);
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
