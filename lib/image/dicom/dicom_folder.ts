/** Reads folders of DICOM slices as scans. */

import { fileInfo, listFolder } from "../../platform/files.ts";
import { OpenFile } from "../../platform/open_file.ts";
import { join } from "../../platform/paths.ts";
import { joinDicomSlices } from "./dicom_series.ts";
import { type DicomSlice, isDicom, readDicomSlice } from "./dicom_slice.ts";
import type { Image } from "../image.ts";
import { readContent } from "../read_file.ts";

/** Number of leading bytes needed to recognise a DICOM file. */
const markBytes = 132;

/** Whether a path is a folder whose first file is DICOM. */
export async function isDicomSeries(path: string): Promise<boolean> {
  const info = await fileInfo(path).catch(() => undefined);
  if (!info?.isDirectory) return false;
  const [first] = await listSliceFiles(path);
  return first !== undefined && await beginsAsDicom(first);
}

/**
 * Reads a series of slices, one per file, in the order of their positions. Other files are ignored.
 *
 * The step between slices is computed from their positions, so that mirroring and shear are kept.
 * The spacing or thickness stored in the file is used only for a single slice.
 *
 * @param folder Folder with one series; file names do not matter.
 * @throws {TypeError} If a file has compressed pixels, colours or several frames.
 * @throws {RangeError} If there are no slices, slices of several series, or no regular grid.
 * @throws {Error} If a file cannot be opened or is damaged.
 */
export async function readDicomSeries(folder: string): Promise<Image> {
  const slices: DicomSlice[] = [];
  for (const path of await listSliceFiles(folder)) {
    if (!await beginsAsDicom(path) && !path.toLowerCase().endsWith(".dcm")) continue;
    slices.push(readDicomSlice(await readContent(path), path));
  }
  return await joinDicomSlices(slices, folder);
}

/** Paths of a folder's files that may be slices, in ascending order. */
export async function listSliceFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of listFolder(folder)) {
    if (!isDirectory && !name.startsWith(".") && name !== "DICOMDIR") {
      paths.push(join(folder, name));
    }
  }
  return paths.sort();
}

async function beginsAsDicom(path: string): Promise<boolean> {
  using file = await OpenFile.read(path);
  const beginning = new Uint8Array(markBytes);
  return await file.fill(beginning) === markBytes && isDicom(beginning);
}
