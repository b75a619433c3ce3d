/** Groups the files of source folders into cases. */

import { isFolder } from "../platform/files.ts";
import { dirname, join } from "../platform/paths.ts";
import { nameSome } from "../files/some_names.ts";
import { findStructureFiles } from "../image/dicom/dicom_folder.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import { imageEndingOf } from "../image/registry.ts";
import { readScanFolder, type ScanFolder } from "../image/scan_folder.ts";
import { splitChannelSuffix } from "./channels.ts";
import type { AnyCase, TestCase, TrainingCase } from "./case.ts";
import type { Problem } from "./check_case.ts";

/**
 * Cases found, with one file for all channels or one per channel, and the problems with the other
 * files.
 */
export interface SourceCases<Case extends AnyCase> {
  readonly cases: readonly Case[];
  readonly problems: readonly Problem[];
  /** Paths of label maps without an image, by case name. */
  readonly unusedLabels: ReadonlyMap<string, string>;
  /** Files that are no scans or label maps; their paths include the folder. */
  readonly ignored: readonly IgnoredFile[];
}

/**
 * Pairs images with label maps by name.
 *
 * A DICOM segmentation or structure set `a.dcm`, or in a folder `a`, counts as the label map of `a`.
 * An image `a.nii.gz` or `a_0000.nii.gz` belongs to the label map `a.nii.gz`; the exact name takes
 * precedence.
 *
 * @param channels Number of channels of the data set.
 */
export async function pairSourceCases(
  imagesFolder: string,
  labelsFolder: string,
  channels: number,
): Promise<SourceCases<TrainingCase>> {
  const [images, labelMaps] = [await scansOf(imagesFolder), await scansOf(labelsFolder)];
  const isFile = (name: string) => imageEndingOf(name) !== undefined;
  const series = labelMaps.scans.filter((name) => !isFile(name))
    .map((name) => ({ path: join(labelsFolder, name), reason: "DICOM slices, not a label map" }));
  const unusedLabels = new Map(
    labelMaps.scans.filter(isFile).map((name) => [stemOf(name), join(labelsFolder, name)]),
  );
  const problems: Problem[] = [];
  const structures = await structuresIn(labelsFolder);
  for (const [name, files] of structures) {
    const labelMap = unusedLabels.get(name);
    const all = [...labelMap === undefined ? [] : [labelMap], ...files];
    if (all.length > 1) {
      problems.push({
        severity: "error",
        case: name,
        message: `found ${nameSome(all)}, expected one label map, segmentation or structure set`,
      });
    }
    unusedLabels.set(name, files[0]);
  }
  const labels = new Map(unusedLabels);
  const groups = new Map<string, string[]>();
  if (images.scans.length === 0) problems.push(await emptyFolder(imagesFolder));
  if (labels.size === 0) problems.push(await emptyFolder(labelsFolder));
  for (const image of images.scans) {
    const stem = stemOf(image);
    const prefix = splitChannelSuffix(stem)?.caseName;
    const name = labels.has(stem)
      ? stem
      : prefix !== undefined && labels.has(prefix)
      ? prefix
      : undefined;
    if (name === undefined) {
      problems.push({
        severity: "error",
        case: prefix ?? stem,
        file: join(imagesFolder, image),
        message: `found no label map of this name in ${labelsFolder}`,
      });
      continue;
    }
    groups.set(name, [...groups.get(name) ?? [], image]);
    unusedLabels.delete(name);
  }
  problems.push(...[...groups].flatMap(([name, files]) => channelProblems(name, files, channels)));
  const cases = [...groups].map(([name, files]) => ({
    name,
    images: files.map((file) => join(imagesFolder, file)),
    label: labels.get(name)!,
    ...structures.has(name) && { hasStructures: true },
  }));
  const used = new Set([...structures.values()].flat());
  const folders = new Set([...structures.keys()].map((name) => join(labelsFolder, name)));
  const besideStructures = ({ path }: IgnoredFile) =>
    folders.has(path) || folders.has(dirname(path)); // Such as the slices themselves.
  const ignored = [
    ...images.ignored,
    ...[...labelMaps.ignored, ...series].filter((file) => !besideStructures(file)),
  ].filter(({ path }) => !used.has(path));
  return { cases: cases.sort(byName), problems, unusedLabels, ignored };
}

/**
 * Groups images without label maps.
 *
 * Four digits are a channel number only if all files have one below `channels`; a single
 * `scan_2024.nii.gz` is the case `scan_2024`.
 *
 * @param channels Number of channels of the data set.
 */
export async function groupSourceImages(
  folder: string,
  channels: number,
): Promise<SourceCases<TestCase>> {
  const { scans: images, ignored } = await scansOf(folder);
  const numbered = images.every((image) => {
    const parts = splitChannelSuffix(stemOf(image));
    return parts !== undefined && parts.channel < channels;
  });
  const groups = new Map<string, string[]>();
  for (const image of images) {
    const stem = stemOf(image);
    const name = numbered ? splitChannelSuffix(stem)!.caseName : stem;
    groups.set(name, [...groups.get(name) ?? [], image]);
  }
  const problems = [...groups].flatMap(([name, files]) => channelProblems(name, files, channels));
  if (images.length === 0) problems.push(await emptyFolder(folder));
  const cases = [...groups].map(([name, files]) => ({
    name,
    images: files.map((file) => join(folder, file)),
  }));
  return { cases: cases.sort(byName), problems, unusedLabels: new Map(), ignored };
}

/** The files with structures, by the name of their case. */
async function structuresIn(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  return await isFolder(folder) ? await findStructureFiles(folder) : new Map();
}

function stemOf(fileName: string): string {
  const ending = imageEndingOf(fileName) ?? ""; // Folders of slices have no ending.
  return fileName.slice(0, fileName.length - ending.length);
}

/** The scans of a folder, none if it does not exist; ignored files get the folder's path. */
async function scansOf(folder: string): Promise<ScanFolder> {
  if (!await isFolder(folder)) return { scans: [], ignored: [] };
  const { scans, ignored } = await readScanFolder(folder);
  return {
    scans,
    ignored: ignored.map(({ path, reason }) => ({ path: join(folder, path), reason })),
  };
}

async function emptyFolder(folder: string): Promise<Problem> {
  const message = await isFolder(folder)
    ? "found no image files, expected at least one"
    : "found no such folder, expected a folder of images";
  return { severity: "error", file: folder, message };
}

/** Checks that a case has one file for all channels, or files numbered from 0, one per channel. */
function channelProblems(name: string, files: readonly string[], channels: number): Problem[] {
  const stems = files.map(stemOf);
  if (stems.length === 1 && stems[0] === name) return [];
  const numbers = stems.map((stem) => stem === name ? NaN : splitChannelSuffix(stem)!.channel);
  if (numbers.length === channels && numbers.every((number, i) => number === i)) return [];
  return [{
    severity: "error",
    case: name,
    message: `found ${files.join(", ")}, expected ${
      channels === 1 ? "one file" : `one file, or ${channels} files numbered _0000, _0001, …`
    }`,
  }];
}

function byName(a: TestCase, b: TestCase): number {
  return a.name < b.name ? -1 : 1;
}
