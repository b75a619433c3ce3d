/** Folders of DICOM slices as one scan: read, never written. */

import { join } from "../platform/paths.ts";
import type { Zyx } from "../array/nd_array.ts";
import { OpenFile } from "../platform/open_file.ts";
import { decodeDicomPixels, type DicomSlice, isDicom, readDicomSlice } from "./dicom_slice.ts";
import { allClose } from "./geometry.ts";
import type { Image } from "./image.ts";
import { geometryOfItk } from "./itk_grid.ts";
import { fileInfo, listFolder } from "../platform/files.ts";
import { readContent } from "./read_file.ts";

/** Bytes that tell a DICOM file. */
const markBytes = 132;

/** How far a step between slices may be from their mean, as a fraction: a missing one doubles it. */
const stepTolerance = 0.1;

/** Whether a path is a folder whose first file is DICOM. */
export async function isDicomSeries(path: string): Promise<boolean> {
  const info = await fileInfo(path).catch(() => undefined);
  if (!info?.isDirectory) return false;
  const [first] = await listSliceFiles(path);
  return first !== undefined && await beginsAsDicom(first);
}

/**
 * Reads a series of slices, one file each, in the order of their positions; other files are passed
 * over.
 *
 * The step between slices is that of their positions, mirrored or sheared as they are: what the
 * files say of their thickness counts only where there is a single one.
 *
 * @param folder One series, its files named at will.
 * @throws {TypeError} If a file packs its pixels or has colours or several frames.
 * @throws {RangeError} If there are no slices, or of several series, or they make no regular grid.
 * @throws {Error} If a file cannot be opened or is damaged.
 */
export async function readDicomSeries(folder: string): Promise<Image> {
  const slices: DicomSlice[] = [];
  for (const path of await listSliceFiles(folder)) {
    if (!await beginsAsDicom(path) && !path.toLowerCase().endsWith(".dcm")) continue;
    slices.push(readDicomSlice(await readContent(path), path));
  }
  if (slices.length === 0) {
    throw new RangeError(`Cannot read ${folder}: found no DICOM files, expected some`);
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

/** Paths, in order, of a folder's files that may be slices. */
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
  const head = new Uint8Array(markBytes);
  return await file.fill(head) === markBytes && isDicom(head);
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

/** Scanners round each slice's numbers by themselves. */
function agree(a: readonly number[], b: readonly number[]): boolean {
  return allClose(a, b) || a.every((value, i) => Math.abs(value - b[i]) < 1e-4);
}

/** Slices from one side to the other, along the normal that completes a right-handed frame. */
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
      `Cannot read ${folder}: ${from.path} and ${to.path} lie ${Math.hypot(...step)} mm apart, ` +
        `expected ${length} mm as between all slices`,
    );
  }
}
