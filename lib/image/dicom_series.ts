/** Reads folders of DICOM slices as scans. */

import { join } from "../platform/paths.ts";
import type { Zyx } from "../array/nd_array.ts";
import { OpenFile } from "../platform/open_file.ts";
import { decodeDicomPixels, type DicomSlice, isDicom, readDicomSlice } from "./dicom_slice.ts";
import { allClose } from "./geometry.ts";
import type { Image } from "./image.ts";
import { geometryOfItk } from "./itk_grid.ts";
import { fileInfo, listFolder } from "../platform/files.ts";
import { readContent } from "./read_file.ts";

/** Number of leading bytes needed to recognise a DICOM file. */
const markBytes = 132;

/** Tolerated deviation of slice distances from their mean, as a fraction of it. */
const stepTolerance = 0.1;

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
  if (slices.length === 0) {
    throw new RangeError(`Cannot read ${folder}: found no DICOM files, expected at least one`);
  }
  for (const slice of slices) requireSameKind(slices[0], slice, folder);
  const sorted = sortByPosition(slices);
  const geometry = gridOf(sorted, folder);

  const plane = slices[0].rows * slices[0].columns;
  const data = new Float32Array(plane * sorted.length);
  for (const [z, { pixels }] of sorted.entries()) {
    data.set(await decodeDicomPixels(pixels), z * plane);
  }
  return { geometry, channels: 1, data };
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

function requireSameKind(first: DicomSlice, slice: DicomSlice, folder: string) {
  const comparisons: [string, readonly number[], readonly number[]][] = [
    ["pixels", [slice.rows, slice.columns], [first.rows, first.columns]],
    ["spacing", slice.pixelSpacing, first.pixelSpacing],
    ["orientation", slice.rowDirection, first.rowDirection],
    ["orientation", slice.columnDirection, first.columnDirection],
  ];
  if (slice.seriesUid !== first.seriesUid) {
    throw new RangeError(
      `Cannot read ${folder}: found the series ${first.seriesUid} (${first.path}) and ` +
        `${slice.seriesUid} (${slice.path}), expected one`,
    );
  }
  for (const [name, found, expected] of comparisons) {
    if (agree(found, expected)) continue;
    throw new RangeError(
      `Cannot read ${folder}: ${name} of ${slice.path} is ${found.join(" × ")}, ` +
        `expected ${expected.join(" × ")} as ${first.path} has`,
    );
  }
}

/** Compares with a tolerance, because scanners round the numbers of each slice separately. */
function agree(a: readonly number[], b: readonly number[]): boolean {
  return allClose(a, b) || a.every((value, i) => Math.abs(value - b[i]) < 1e-4);
}

/** Sorts slices along the normal that completes a right-handed coordinate system. */
function sortByPosition(slices: readonly DicomSlice[]): DicomSlice[] {
  const [{ rowDirection: [a, b, c], columnDirection: [d, e, f] }] = slices;
  const normal = [b * f - c * e, c * d - a * f, a * e - b * d];
  const depth = ({ position }: DicomSlice) =>
    position.reduce((sum, value, axis) => sum + value * normal[axis], 0);
  return [...slices].sort((one, other) => depth(one) - depth(other));
}

function gridOf(slices: readonly DicomSlice[], folder: string) {
  const [first] = slices;
  const last = slices[slices.length - 1];
  const step = slices.length > 1
    ? first.position.map((value, axis) => (last.position[axis] - value) / (slices.length - 1))
    : undefined;
  if (step) requireRegularSteps(slices, step, folder);
  const [ySpacing, xSpacing] = first.pixelSpacing;
  const zSpacing = step ? Math.hypot(...step) : first.sliceSpacing ?? 1;
  const [a, b, c] = first.rowDirection;
  const [d, e, f] = first.columnDirection;
  const slicesDirection = step?.map((value) => value / zSpacing) ??
    [b * f - c * e, c * d - a * f, a * e - b * d];
  const size: Zyx = [first.columns, first.rows, slices.length]; // (x, y, z)
  return geometryOfItk({
    size,
    spacing: [xSpacing, ySpacing, zSpacing],
    origin: first.position,
    direction: [0, 1, 2].flatMap((row) => [
      first.rowDirection[row],
      first.columnDirection[row],
      slicesDirection[row],
    ]),
  }, folder);
}

function requireRegularSteps(
  slices: readonly DicomSlice[],
  mean: readonly number[],
  folder: string,
) {
  const length = Math.hypot(...mean);
  for (let i = 1; i < slices.length; i++) {
    const [from, to] = [slices[i - 1], slices[i]];
    const step = to.position.map((value, axis) => value - from.position[axis]);
    const deviation = Math.hypot(...step.map((value, axis) => value - mean[axis]));
    if (deviation <= stepTolerance * length && length > 0) continue;
    throw new RangeError(
      `Cannot read ${folder}: ${from.path} and ${to.path} are ${Math.hypot(...step)} mm apart, ` +
        `expected ${length} mm as between all slices`,
    );
  }
}
