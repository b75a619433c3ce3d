/** Joins DICOM slices to scans. */

import type { Zyx } from "../../array/nd_array.ts";
import { nameSome } from "../../files/some_names.ts";
import { decodeDicomPixels, type DicomSlice } from "./dicom_slice.ts";
import { crossProduct, dotProduct } from "./directions.ts";
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
 * @param slices The slices, in any order.
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
  requireOneSeries(slices, folder);
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

function requireOneSeries(slices: readonly DicomSlice[], folder: string) {
  const bySeries = [...Map.groupBy(slices, ({ seriesUid }) => seriesUid)];
  if (bySeries.length === 1) return;
  const found = bySeries.map(([uid, [first, ...others]]) => {
    const count = others.length === 0 ? "1 slice" : `${others.length + 1} slices`;
    const title = first.seriesTitle && `${first.seriesTitle}, `;
    return `${uid || "without a number"} (${title}${count}, such as ${first.path})`;
  });
  throw new RangeError(
    `Cannot read ${folder}: found ${bySeries.length} series, ${nameSome(found)}; ` +
      "expected one, so move each to a folder of its own",
  );
}

function requireSameKind(first: DicomSlice, slice: DicomSlice, folder: string) {
  const comparisons: [string, readonly number[], readonly number[]][] = [
    ["pixels", [slice.rows, slice.columns], [first.rows, first.columns]],
    ["spacing", slice.pixelSpacing, first.pixelSpacing],
    ["orientation", slice.rowDirection, first.rowDirection],
    ["orientation", slice.columnDirection, first.columnDirection],
  ];
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
  const [{ rowDirection, columnDirection }] = slices;
  const normal = crossProduct(rowDirection, columnDirection);
  const depth = ({ position }: DicomSlice) => dotProduct(position, normal);
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
  const slicesDirection = step?.map((value) => value / zSpacing) ??
    crossProduct(first.rowDirection, first.columnDirection);
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
