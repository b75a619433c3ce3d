/** Joins DICOM slices to scans. */

import type { Zyx } from "../../array/nd_array.ts";
import { nameSome } from "../../files/some_names.ts";
import { decodeDicomPixels } from "./dicom_pixels.ts";
import type { DicomSlice, SeriesTitle } from "./dicom_slice.ts";
import { crossProduct, dotProduct } from "./directions.ts";
import { allClose } from "../geometry.ts";
import type { Geometry, Image } from "../image.ts";
import { geometryOfItk } from "../itk_grid.ts";

/** Tolerated deviation of slice distances from their mean, as a fraction of it. */
const stepTolerance = 0.1;

/** Degrees between the slices' normal and the step from slice to slice that are not worth a warning. */
const tiltTolerance = 1;

/** How a series is chosen and read. */
export interface SeriesOptions {
  /** Number, description or identifier of the series; not needed if there is only one. */
  readonly series?: string | number;
  /** Called with what may not be as intended, such as a tilted gantry. */
  readonly onWarning?: (message: string) => void;
}

/** Slices in the order of their positions, and the grid that they form. */
export interface ArrangedSlices {
  readonly slices: readonly DicomSlice[];
  /** The grid with slices at right angles to their normal. */
  readonly geometry: Geometry;
  /** Where voxels really are, which differs if the gantry was tilted. */
  readonly placed: Geometry;
}

/**
 * Returns the slices of all files of a folder.
 *
 * @param files The slices of each file: one, or several if it has a whole volume.
 * @param folder Folder of the files, for error messages.
 * @throws {RangeError} If a series has a whole volume and other files as well.
 */
export function slicesOfFiles(
  files: readonly (readonly DicomSlice[])[],
  folder: string,
): DicomSlice[] {
  for (const inFile of files.filter(({ length }) => length > 1)) {
    const { uid } = inFile[0].series;
    const count = files.filter(([{ series }]) => series.uid === uid).length;
    if (count === 1) continue;
    throw new RangeError(
      `Cannot read ${folder}: found ${count} files, of which ${inFile[0].path} has a whole ` +
        `volume of ${inFile.length} slices, expected one volume`,
    );
  }
  return files.flat();
}

/**
 * Joins the slices of a series in the order of their positions.
 *
 * The step between slices is computed from their positions; the spacing or thickness stored in the
 * file is used only for a single slice. With a tilted gantry, each slice is shifted against the one
 * before; as in SimpleITK, such slices are stacked at right angles, with their voxels unchanged.
 *
 * @param slices The slices, in any order.
 * @param folder Folder of the files, for error messages.
 * @param options Which series to take if there are several.
 * @throws {RangeError} If there are no slices, slices of several series, or no regular grid.
 * @throws {Error} If pixels are damaged.
 */
export async function joinDicomSlices(
  slices: readonly DicomSlice[],
  folder: string,
  options: SeriesOptions = {},
): Promise<Image> {
  const { slices: sorted, geometry } = arrangeSlices(slices, folder, options);
  const plane = sorted[0].rows * sorted[0].columns;
  const data = new Float32Array(plane * sorted.length);
  for (const [z, slice] of sorted.entries()) {
    data.set(await decodeDicomPixels(slice), z * plane);
  }
  return { geometry, channels: 1, data };
}

/**
 * Chooses a series and sorts its slices.
 *
 * @throws As {@link joinDicomSlices} does.
 */
export function arrangeSlices(
  slices: readonly DicomSlice[],
  folder: string,
  { series, onWarning }: SeriesOptions = {},
): ArrangedSlices {
  if (slices.length === 0) {
    throw new RangeError(`Cannot read ${folder}: found no DICOM files, expected at least one`);
  }
  const chosen = slicesOfSeries(slices, folder, series);
  for (const slice of chosen) requireSameKind(chosen[0], slice, folder);
  const sorted = sortByPosition(chosen);
  const { geometry, placed, tilt } = gridOf(sorted, folder);
  if (tilt > tiltTolerance) {
    onWarning?.(
      `${folder}: its slices are tilted by ${
        tilt.toFixed(1)
      }° (gantry tilt); they are stacked at ` +
        "right angles, as SimpleITK does, so that positions in mm are those of the first slice only",
    );
  }
  return { slices: sorted, geometry, placed };
}

/** The slices of the chosen series, or of the only one. */
function slicesOfSeries(
  slices: readonly DicomSlice[],
  folder: string,
  choice: string | number | undefined,
): readonly DicomSlice[] {
  const bySeries = [...Map.groupBy(slices, ({ series }) => series.uid).values()];
  const matching = choice === undefined ? bySeries : mostExact(bySeries, `${choice}`.trim());
  if (matching.length === 1) return matching[0];
  const found = bySeries.map((slices) => describeSeries(slices));
  const expected = choice === undefined
    ? "expected one; choose it with `series`, by its number, description or identifier, or move " +
      "each to a folder of its own"
    : matching.length === 0
    ? `expected one whose number, description or identifier is \`series\`, ${choice}`
    : `expected \`series\`, ${choice}, to be one of them only: use the identifier`;
  throw new RangeError(
    `Cannot read ${folder}: found ${bySeries.length} series, ${nameSome(found)}; ${expected}`,
  );
}

/** The series with this identifier; otherwise those with this number; otherwise this description. */
function mostExact(
  bySeries: readonly (readonly DicomSlice[])[],
  choice: string,
): readonly (readonly DicomSlice[])[] {
  const names: readonly ((title: SeriesTitle) => boolean)[] = [
    ({ uid }) => uid === choice,
    ({ number }) => number !== undefined && /^\d+$/.test(choice) && Number(number) === +choice,
    ({ description }) => description?.toLowerCase() === choice.toLowerCase(),
  ];
  for (const matches of names) {
    const found = bySeries.filter(([{ series }]) => matches(series));
    if (found.length > 0) return found;
  }
  return [];
}

/** Describes a series as `number 4, CT Thorax, 1.2.3 (40 slices, such as a/IM0)`. */
function describeSeries([{ series, path }, ...others]: readonly DicomSlice[]): string {
  const count = others.length === 0 ? "1 slice" : `${others.length + 1} slices`;
  const title = [series.modality, series.description].flatMap((text) => text ?? []).join(" ");
  const names = [
    ...series.number === undefined ? [] : [`number ${series.number}`],
    ...title === "" ? [] : [title],
    series.uid || "without an identifier",
  ];
  return `${names.join(", ")} (${count}, such as ${path})`;
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
  const normal = crossProduct(first.rowDirection, first.columnDirection);
  const ahead = step?.map((value) => value / zSpacing) ?? normal;
  const size: Zyx = [first.columns, first.rows, slices.length]; // (x, y, z)
  const towards = (slicesDirection: readonly number[]) =>
    geometryOfItk({
      size,
      spacing: [xSpacing, ySpacing, zSpacing],
      origin: first.position,
      direction: [0, 1, 2].flatMap((row) => [
        first.rowDirection[row],
        first.columnDirection[row],
        slicesDirection[row],
      ]),
    }, folder);
  const cosine = dotProduct(ahead, normal) / Math.hypot(...normal);
  const tilt = Math.acos(Math.min(1, cosine)) * 180 / Math.PI;
  // Rounded positions tilt every series a little; whoever stacks files obtains right angles.
  const geometry = towards(normal);
  return { geometry, placed: tilt > tiltTolerance ? towards(ahead) : geometry, tilt };
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
        `expected ${length} mm as between all slices${severalVolumes(slices)}`,
    );
  }
}

/** Explains slices at the same places. */
function severalVolumes(slices: readonly DicomSlice[]): string {
  const places = new Set(slices.map(({ position }) => position.join(" "))).size;
  return places > 1 && slices.length % places === 0 && places < slices.length
    ? `; the series has ${slices.length / places} slices at each of ${places} places, such as ` +
      "times or echoes: move each volume to a folder of its own"
    : "";
}
