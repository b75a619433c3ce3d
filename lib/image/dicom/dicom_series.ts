/** Joins DICOM slices to scans. */

import type { Zyx } from "../../array/nd_array.ts";
import { decodeDicomPixels, type DicomSlice } from "./dicom_slice.ts";
import { allClose } from "../geometry.ts";
import type { Image } from "../image.ts";
import { geometryOfItk } from "../itk_grid.ts";

/** Tolerated deviation of slice distances from their mean, as a fraction of it. */
const stepTolerance = 0.1;

/**
 * Joins the slices of a series in the order of their positions.
 *
 * The step between slices is computed from their positions, so that mirroring and shear are kept.
 * The spacing or thickness stored in the file is used only for a single slice.
 *
 * @param slices One slice per file, in any order.
 * @param folder Folder of the files, for error messages.
 * @throws {RangeError} If there are no slices, slices of several series, or no regular grid.
 * @throws {Error} If pixels are damaged.
 */
export async function joinDicomSlices(
  slices: readonly DicomSlice[],
  folder: string,
): Promise<Image> {
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
