/** Names, lists and removes the files of preprocessed cases. */

import { basename, join } from "../platform/paths.ts";
import { shortHash } from "../platform/short_hash.ts";
import { listFolderIfPresent, readTextFile, remove, removeIfPresent } from "../platform/files.ts";

/** Value of `format` in a case's JSON file. */
export const caseFormat = "nnunet-ts preprocessed case";

/** Endings that follow the case's name in its file names. */
const endings = {
  header: ".json",
  image: ".image.zarr",
  labels: ".labels.zarr",
  locations: ".locations.i32",
} as const;

/** Bytes of the longest name that file systems allow. */
const LONGEST_NAME = 255;

/** Paths of a case's files, whether or not they exist. */
export function caseFiles(folder: string, name: string): Record<keyof typeof endings, string> {
  const stem = stemOf(name);
  return {
    header: join(folder, name + endings.header),
    image: join(folder, stem + endings.image),
    labels: join(folder, stem + endings.labels),
    locations: join(folder, stem + endings.locations),
  };
}

/**
 * Returns what the names of a case's files begin with, besides the header's: the case's name, or its
 * beginning and a hash where the longest ending would not fit any more.
 */
function stemOf(name: string): string {
  const most = LONGEST_NAME - endings.locations.length;
  const encoder = new TextEncoder();
  if (encoder.encode(name).length <= most) return name;
  const hash = `~${shortHash(name, 16)}`;
  // Only whole characters: half of one is not valid in names.
  const { read } = encoder.encodeInto(name, new Uint8Array(most - hash.length));
  return name.slice(0, read) + hash;
}

/**
 * Lists the complete preprocessed cases in a folder.
 *
 * @returns Names in ascending order; empty if the folder does not exist.
 */
export async function listCases(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.endsWith(endings.header))
    .map((name) => name.slice(0, -endings.header.length))
    .sort();
}

/**
 * Removes all cases, complete or not, except those named.
 *
 * Other files in the folder stay: those with other endings, and JSON that does not describe a
 * preprocessed case.
 */
export async function removeOtherCases(folder: string, kept: ReadonlySet<string>): Promise<void> {
  const keptFiles = new Set(
    [...kept].flatMap((name) =>
      Object.values(caseFiles(folder, name)).map((path) => basename(path))
    ),
  );
  const stale = new Set<string>();
  for (const file of await namesIn(folder)) {
    const ending = Object.values(endings).find((candidate) => file.endsWith(candidate));
    if (ending === undefined || keptFiles.has(file)) continue;
    if (ending === endings.header && !await describesCase(join(folder, file))) continue;
    stale.add(file.slice(0, -ending.length));
  }
  for (const name of stale) {
    const { header, ...rest } = caseFiles(folder, name);
    // First, so that an interrupted removal leaves no case that looks complete.
    if (await describesCase(header)) await remove(header);
    for (const path of Object.values(rest)) {
      await removeIfPresent(path, { recursive: true });
    }
  }
}

/** Whether a file is the JSON file of a preprocessed case, of any version. */
async function describesCase(path: string): Promise<boolean> {
  try {
    return JSON.parse(await readTextFile(path))?.format === caseFormat;
  } catch {
    return false; // Missing, a folder, or not JSON.
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of listFolderIfPresent(folder)) {
    // Hidden files are left over from interrupted writes.
    if (!name.startsWith(".")) names.push(name);
  }
  return names;
}
