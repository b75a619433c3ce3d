/** Finds and reads the DICOM slices in a folder. */

import { isFolder, listFolder } from "../../platform/files.ts";
import { OpenFile } from "../../platform/open_file.ts";
import { join } from "../../platform/paths.ts";
import { describeIgnored, type IgnoredFile } from "../ignored_file.ts";
import type { Image } from "../image.ts";
import { readContent } from "../read_file.ts";
import { documentKind, isStructureFile } from "./dicom_documents.ts";
import { isDicom } from "./dicom_elements.ts";
import {
  type ArrangedSlices,
  arrangeSlices,
  joinDicomSlices,
  type SeriesOptions,
  slicesOfFiles,
} from "./dicom_series.ts";
import { readDicomSlices } from "./dicom_file.ts";
import type { DicomSlice } from "./dicom_slice.ts";

/** Number of leading bytes that hold the mark of a DICOM file and its kind. */
const beginningBytes = 2048;

/** The files of a folder that are DICOM slices, and those that are not. */
export interface DicomFolder {
  /** Paths of the slices, in ascending order. */
  readonly slices: readonly string[];
  /** The other files, in ascending order. Their paths are names in the folder. */
  readonly ignored: readonly IgnoredFile[];
}

/**
 * Finds the slices among all files of a folder. Their names do not matter, except that a file whose
 * name ends in `.dcm` counts as a slice, so that reading it reports what is wrong with it.
 *
 * Subfolders are not searched. Hidden files, directories of DICOM media and documents, such as
 * reports and structure sets, are not slices.
 *
 * @throws {Error} If the folder or a file cannot be read.
 */
export async function findSlices(folder: string): Promise<DicomFolder> {
  const slices: string[] = [];
  const ignored: IgnoredFile[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const reason = await reasonToIgnore(path, name);
    if (reason === undefined) slices.push(path);
    else ignored.push({ path: name, reason });
  }
  return { slices, ignored };
}

/** Whether a path is a folder with at least one DICOM slice, as {@link findSlices} finds them. */
export async function isDicomSeries(path: string): Promise<boolean> {
  if (!await isFolder(path)) return false;
  for (const name of await namesIn(path)) {
    if (await reasonToIgnore(join(path, name), name) === undefined) return true;
  }
  return false;
}

/**
 * Reads a series of slices, one per file, in the order of their positions, or the single enhanced file
 * or mosaic of a series. Other files are ignored; {@link findSlices} lists them.
 *
 * @param folder Folder with the series; file names do not matter.
 * @param options Which series to take if there are several.
 * @throws {TypeError} If a file has colours, frames without positions or an unknown packing.
 * @throws {RangeError} If there are no slices, slices of several series, or no regular grid.
 * @throws {Error} If a file cannot be opened or is damaged.
 */
export async function readDicomSeries(
  folder: string,
  options: SeriesOptions = {},
): Promise<Image> {
  return await joinDicomSlices(await slicesIn(folder), folder, options);
}

/**
 * Reads the headers of a series, sorted by position, and its grid.
 *
 * @throws As {@link readDicomSeries} does, except for damaged pixels.
 */
export async function readDicomGrid(
  folder: string,
  options: SeriesOptions = {},
): Promise<ArrangedSlices> {
  return arrangeSlices(await slicesIn(folder), folder, options);
}

/** The slices of all series of a folder. */
async function slicesIn(folder: string): Promise<DicomSlice[]> {
  const found = await findSlices(folder);
  if (found.slices.length === 0) throw noSlices(folder, found);
  const files: DicomSlice[][] = [];
  for (const path of found.slices) {
    files.push(await readDicomSlices(await readContent(path), path));
  }
  return slicesOfFiles(files, folder);
}

/** Makes the error for a folder without slices, which says what the folder has instead. */
function noSlices(folder: string, { ignored }: DicomFolder): RangeError {
  const found = ignored.length === 0 ? "an empty folder" : describeIgnored(ignored).join("; ");
  return new RangeError(`Cannot read ${folder}: found ${found}, expected DICOM slices`);
}

/**
 * Finds the files of a folder that outline structures: segmentations and structure sets, directly in
 * it or, for a case `CASE`, in its subfolder `CASE`.
 *
 * @returns For each name, without `.dcm` or `.seg.dcm`, the paths of its files.
 * @throws {Error} If the folder or a file cannot be read.
 */
export async function findStructureFiles(
  folder: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  const add = async (name: string, path: string) => {
    const isStructures = isStructureFile(await beginningOf(path));
    if (isStructures) found.set(name, [...found.get(name) ?? [], path]);
  };
  for (const name of await namesIn(folder)) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    if (!await isFolder(path)) {
      await add(name.replace(/(\.seg)?\.dcm$/i, ""), path);
      continue;
    }
    for (const inner of await namesIn(path)) {
      const file = join(path, inner);
      if (!inner.startsWith(".") && !await isFolder(file)) await add(name, file);
    }
  }
  return found;
}

/** Names of a folder's entries, in ascending order. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of listFolder(folder)) names.push(name);
  return names.sort();
}

/** Returns why an entry is not a slice; undefined if it is one. */
async function reasonToIgnore(path: string, name: string): Promise<string | undefined> {
  if (name.startsWith(".")) return "hidden";
  if (await isFolder(path)) return "a folder, which is not searched";
  const beginning = await beginningOf(path);
  if (isDicom(beginning)) return documentKind(beginning);
  return name.toLowerCase().endsWith(".dcm") ? undefined : "not a DICOM file";
}

/** The first bytes of a file, or all if there are fewer. */
async function beginningOf(path: string): Promise<Uint8Array> {
  using file = await OpenFile.read(path);
  const bytes = new Uint8Array(beginningBytes);
  return bytes.subarray(0, await file.fill(bytes));
}
