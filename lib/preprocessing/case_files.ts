/** Which files a preprocessed case is made of. */

import { join } from "@std/path";
import { listFolderIfPresent, readTextFile, remove, removeIfPresent } from "../platform/files.ts";

/** How a case's description says what it is. */
export const caseFormat = "nnunet-ts preprocessed case";

/** What follows a case's name in the names of its files. */
const endings = {
  header: ".json",
  image: ".image.zarr",
  labels: ".labels.zarr",
  locations: ".locations.i32",
} as const;

/** Paths of a case's files, whether or not they are there. */
export function caseFiles(folder: string, name: string): Record<keyof typeof endings, string> {
  return {
    header: join(folder, name + endings.header),
    image: join(folder, name + endings.image),
    labels: join(folder, name + endings.labels),
    locations: join(folder, name + endings.locations),
  };
}

/** Names of the complete cases in a folder, ascending; none if there is no folder. */
export async function listCases(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.endsWith(endings.header))
    .map((name) => name.slice(0, -endings.header.length))
    .sort();
}

/**
 * Removes all cases but those named, complete or not.
 *
 * Whatever else lies in the folder stays: files of other endings, and JSON that does not describe
 * a preprocessed case.
 */
export async function removeOtherCases(folder: string, kept: ReadonlySet<string>): Promise<void> {
  const stale = new Set<string>();
  for (const file of await namesIn(folder)) {
    const ending = Object.values(endings).find((candidate) => file.endsWith(candidate));
    if (ending === undefined) continue;
    const name = file.slice(0, -ending.length);
    if (kept.has(name)) continue;
    if (ending !== endings.header || await describesCase(join(folder, file))) stale.add(name);
  }
  for (const name of stale) {
    const { header, ...rest } = caseFiles(folder, name);
    // First, so that a kill in between leaves no case that looks complete.
    if (await describesCase(header)) await remove(header);
    for (const path of Object.values(rest)) {
      await removeIfPresent(path, { recursive: true });
    }
  }
}

/** Whether a file is the JSON of a case, of any version. */
async function describesCase(path: string): Promise<boolean> {
  try {
    return JSON.parse(await readTextFile(path))?.format === caseFormat;
  } catch {
    return false; // Missing, a folder, or no JSON.
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of listFolderIfPresent(folder)) {
    // Hidden files are halves of writes that were interrupted.
    if (!name.startsWith(".")) names.push(name);
  }
  return names;
}
