/** Groups the scans of a folder into cases, and says what is not part of any case. */

import { fileInfo } from "../platform/files.ts";
import { basename, join, resolve } from "../platform/paths.ts";
import { channelFileName } from "../files/paths.ts";
import { findSlices } from "../image/dicom/dicom_folder.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { imageEndingOf } from "../image/registry.ts";
import { reasonOf } from "../options/reason_of.ts";
import { readScanFolder } from "../image/scan_folder.ts";
import type { TestCase } from "./case.ts";
import { channelOf, splitChannelSuffix, stemFor } from "./channels.ts";

/** The cases of a folder. */
export interface CaseFolder {
  /** Cases with all channels from the first to their last, sorted by name. */
  readonly cases: readonly TestCase[];
  /** Files and folders that belong to no case, and why. */
  readonly ignored: readonly IgnoredFile[];
  /** Cases that lack a channel; their files are among the ignored ones. */
  readonly incomplete: readonly IncompleteCase[];
  /** Ignored files that lack nothing but a channel number. */
  readonly unnumbered: readonly string[];
}

/**
 * Reads the cases of a folder: files `CASE_0000.nii.gz`, `CASE_0001.nii.gz`, … with one file per
 * channel, and folders `CASE` or `CASE_0000` of DICOM slices. A folder that itself has DICOM slices
 * and none of these is a single case, with the folder's name.
 *
 * @param fileEnding The data set's file ending; files with another one are ignored, as in nnU-Net,
 * except those that new data sets convert to files with this one, such as `.mhd` to `.mha`.
 * @throws {Error} If the folder does not exist or cannot be read.
 */
export async function readCaseFolder(folder: string, fileEnding: string): Promise<CaseFolder> {
  await requireFolder(folder);
  const { scans, ignored } = await readScanFolder(folder);
  const { cases, incomplete, others } = groupScans(scans, folder, fileEnding);
  if (cases.length === 0 && incomplete.length === 0) {
    const found = await findSlices(folder);
    if (found.slices.length > 0) {
      const { ignored } = found;
      return { cases: [seriesCase(folder)], ignored, incomplete, unnumbered: [] };
    }
  }
  const gaps = incomplete.flatMap(({ images, missing }) =>
    images.map((path) => ({ path: basename(path), reason: `found no ${missing}` }))
  );
  const byPath = (a: IgnoredFile, b: IgnoredFile) => a.path < b.path ? -1 : 1;
  return {
    cases,
    ignored: [...ignored, ...others, ...gaps].sort(byPath),
    incomplete,
    unnumbered: scans.filter((name) => isUnnumbered(name, fileEnding)),
  };
}

function isUnnumbered(name: string, fileEnding: string): boolean {
  return imageEndingOf(name) !== undefined && stemFor(name, fileEnding) !== undefined &&
    channelOf(name, fileEnding) === undefined;
}

/** A case that lacks a channel before its last one. */
export interface IncompleteCase extends TestCase {
  /** Name of the missing file. */
  readonly missing: string;
}

/** Scans grouped by case, each group sorted by case name. */
export interface GroupedScans {
  readonly cases: readonly TestCase[];
  readonly incomplete: readonly IncompleteCase[];
  /** Scans whose name is not that of a case's channel. */
  readonly others: readonly IgnoredFile[];
}

/** Groups the scans of a folder by case. */
export function groupScans(
  scans: readonly string[],
  folder: string,
  fileEnding: string,
): GroupedScans {
  const groups = new Map<string, Map<number, string>>();
  const others: IgnoredFile[] = [];
  for (const name of scans) {
    const parts = channelOf(name, fileEnding);
    if (!parts) {
      others.push({ path: name, reason: nameProblem(name, fileEnding) });
      continue;
    }
    const channels = groups.get(parts.caseName) ?? new Map<number, string>();
    const same = channels.get(parts.channel);
    if (same === undefined) channels.set(parts.channel, name);
    else others.push({ path: name, reason: `the same channel as ${same}` });
    groups.set(parts.caseName, channels);
  }
  const cases: TestCase[] = [];
  const incomplete: IncompleteCase[] = [];
  for (const [name, channels] of [...groups].sort(([a], [b]) => a < b ? -1 : 1)) {
    const sorted = [...channels].sort(([a], [b]) => a - b);
    const one = { name, images: sorted.map(([, file]) => join(folder, file)) };
    const gap = sorted.findIndex(([channel], position) => channel !== position);
    if (gap < 0) cases.push(one);
    else incomplete.push({ ...one, missing: channelFileName(name, gap, fileEnding) });
  }
  return { cases, incomplete, others };
}

/** The case of a folder that has DICOM slices itself. */
function seriesCase(folder: string): TestCase {
  const stem = basename(resolve(folder));
  return { name: splitChannelSuffix(stem)?.caseName ?? stem, images: [folder] };
}

function nameProblem(name: string, fileEnding: string): string {
  const ending = imageEndingOf(name)!;
  if (stemFor(name, fileEnding) === undefined) return `ends in ${ending}, expected ${fileEnding}`;
  return `has no channel number, expected ${
    channelFileName(name.slice(0, -ending.length), 0, ending)
  }`;
}

async function requireFolder(folder: string) {
  const info = await fileInfo(folder).catch((cause) => {
    throw new Error(`Cannot read ${folder}: ${reasonOf(cause)}, expected a folder of scans`, {
      cause,
    });
  });
  if (info.isDirectory) return;
  throw new Error(`Cannot read ${folder}: it is a file, expected a folder of scans`);
}
