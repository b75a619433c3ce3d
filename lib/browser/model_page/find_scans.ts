/** Finds the scans among files that were added: image files, and folders of DICOM slices. */

import { spacingPaths } from "../../files/spacing_file.ts";
import { documentKind } from "../../image/dicom/dicom_documents.ts";
import { isDicom } from "../../image/dicom/dicom_elements.ts";
import type { IgnoredFile } from "../../image/ignored_file.ts";
import { formatOf, imageEndingOf } from "../../image/registry.ts";
import { reasonOf } from "../../options/reason_of.ts";
import type { PageFile } from "./page_files.ts";
import { byPath, type FilesByPath, pageSource } from "./page_source.ts";

/** A scan: an image file, or the slices of a folder. */
export interface PageScan {
  /** Path of the file or folder. */
  readonly path: string;
  /** Name without folders and ending. */
  readonly stem: string;
  /** The image file, or all slices. */
  readonly files: readonly PageFile[];
  readonly isSeries: boolean;
  /** The files among which those that the scan refers to are looked for. */
  readonly others: FilesByPath;
}

/** What was found among files. */
export interface FoundScans {
  readonly scans: readonly PageScan[];
  /** Files that are part of no scan, and why. Hidden ones are left out. */
  readonly ignored: readonly IgnoredFile[];
}

/** Number of leading bytes that hold the mark of a DICOM file and its kind. */
const BEGINNING_BYTES = 2048;

/** Name of slices that were added without their folder. */
const LOOSE_SLICES = "DICOM slices";

/** Finds the scans among files. */
export async function findScans(files: readonly PageFile[]): Promise<FoundScans> {
  const others = byPath(files);
  const images: PageFile[] = [];
  const slices: PageFile[] = [];
  const rest: IgnoredFile[] = [];
  for (const one of files) {
    const { path, file } = one;
    const name = nameOf(path);
    if (path.split("/").some((part) => part.startsWith("."))) continue;
    if (imageEndingOf(name)) images.push(one);
    else {
      const beginning = new Uint8Array(await file.slice(0, BEGINNING_BYTES).arrayBuffer());
      const kind = isDicom(beginning) ? documentKind(beginning) : undefined;
      if (kind) rest.push({ path, reason: `it is ${kind}, not a scan` });
      // A file that is named as a slice counts as one, so that reading it says what is wrong.
      else if (isDicom(beginning) || /\.dcm$/i.test(name)) slices.push(one);
      else rest.push({ path, reason: reasonToIgnore(path) });
    }
  }
  const companions = new Set<string>();
  for (const image of images) {
    for (const path of await companionsOf(image, others)) companions.add(path);
  }
  const folders = Map.groupBy(slices, ({ path }) => path.replace(/\/?[^/]*$/, ""));
  return {
    scans: [
      ...images.map((one) => ({
        path: one.path,
        stem: nameOf(one.path).slice(0, -imageEndingOf(nameOf(one.path))!.length),
        files: [one],
        isSeries: false,
        others,
      })),
      ...[...folders].map(([folder, files]) => ({
        path: folder || LOOSE_SLICES,
        stem: nameOf(folder) || LOOSE_SLICES,
        files,
        isSeries: true,
        others,
      })),
    ],
    ignored: rest.filter(({ path }) => !companions.has(path)),
  };
}

/** A path without its folders. */
function nameOf(path: string): string {
  return path.replace(/^.*\//s, "");
}

/** Paths of the files that would store a scan's spacing or voxels, if its format needs others. */
async function companionsOf(image: PageFile, others: FilesByPath): Promise<string[]> {
  const { hasSpacingFile, dataFiles } = formatOf(image.path, "read");
  if (hasSpacingFile) return spacingPaths(image.path);
  try {
    const names = await dataFiles?.(pageSource(image, others)) ?? [];
    return names.map((name) => image.path.replace(/[^/]*$/, "") + name);
  } catch {
    return []; // Reading the scan says what is wrong with its header.
  }
}

/** Why a file is no image, in the words of reading it. */
function reasonToIgnore(path: string): string {
  try {
    formatOf(path, "read");
    return "it is no image";
  } catch (error) {
    return reasonOf(error).replace(`Cannot read ${path}: `, "");
  }
}
