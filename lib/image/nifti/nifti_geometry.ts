/**
 * Determines the grid of a NIfTI file from its header, as ITK or as nibabel do.
 *
 * A header has two transforms, sform and qform, each with a code, and they may be missing, differ, or
 * be invalid. The libraries differ in which they take, in units other than millimetres, and in what
 * they make of invalid numbers. Differences from them on purpose:
 *
 * - A spacing or affine that is not finite is an error; nibabel returns it.
 * - A sform that is not finite is ignored if there is a qform; ITK does this, fails or never returns,
 *   depending on where the sform has such a number.
 */

import { columnLength, missingAxisSpacing } from "../geometry.ts";
import type { Geometry } from "../image.ts";
import type { GridConvention } from "../reader.ts";
import type { Zyx } from "../../array/nd_array.ts";
import { affineOfQform, isInvertible } from "./nifti_affine.ts";
import { haveSameStretch } from "./same_stretch.ts";

/** The numbers of a header that its grid follows from, as stored. */
export interface NiftiForms {
  /** Number of axes and their extents. */
  readonly dims: readonly number[];
  /** Handedness of the qform, then spacings. */
  readonly pixDims: readonly number[];
  readonly sformCode: number;
  /** Three rows of four numbers. */
  readonly sform: readonly number[];
  readonly qformCode: number;
  readonly quaternion: readonly [b: number, c: number, d: number];
  readonly offset: readonly [x: number, y: number, z: number];
  /** Code of the unit of all lengths. */
  readonly spatialUnit: number;
}

/** Codes of units of length, in millimetres. */
const millimetres: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 0.001 };

/** The highest code of a transform that nibabel knows. */
const highestCode = 5;

/**
 * Returns the grid of a file.
 *
 * @param path Path for error messages.
 * @throws {RangeError} If the library in question finds no valid grid either.
 */
export function niftiGeometry(
  forms: NiftiForms,
  convention: GridConvention,
  path: string,
): Geometry {
  const { spacing: [x, y, z], affine } = convention === "nibabel"
    ? gridOfNibabel(forms, path)
    : gridOfItk(forms, path);
  const valid = convention === "nibabel" || isInvertible(affine);
  if (!affine.every(Number.isFinite) || !valid) {
    throw new RangeError(
      `Cannot read ${path}: affine is ${affine.join(" ")}, ` +
        "expected finite numbers and three independent axes",
    );
  }
  const { dims } = forms;
  const planar = dims[0] === 2;
  const shape: Zyx = [planar ? 1 : dims[3], dims[2], dims[1]];
  const spacing: Zyx = [planar ? missingAxisSpacing([y, x]) : z, y, x];
  if (!spacing.every((value) => value > 0 && Number.isFinite(value))) {
    throw new RangeError(
      `Cannot read ${path}: spacing is ${spacing.join(" × ")} mm, expected positive numbers`,
    );
  }
  return { shape, spacing, affine };
}

/** Spacing, (x, y, z), and the affine, row-major 4×4. */
interface Grid {
  readonly spacing: readonly number[];
  readonly affine: readonly number[];
}

/** nibabel takes the sform if its code is set, else the qform; units are ignored. */
function gridOfNibabel(forms: NiftiForms, path: string): Grid {
  const axes = Math.min(3, forms.dims[0]);
  const spacing = [1, 2, 3].map((axis) => {
    const value = axis > axes ? 1 : forms.pixDims[axis];
    return value === 0 ? 1 : Math.abs(value);
  });
  if (isNibabelCode(forms.sformCode)) return { spacing, affine: [...forms.sform, 0, 0, 0, 1] };
  if (isNibabelCode(forms.qformCode)) {
    const [b, c, d] = forms.quaternion;
    const square = 1 - (b * b + c * c + d * d);
    if (square <= -3 * 2 ** -23) {
      throw new RangeError(
        `Cannot read ${path}: the length of its quaternion ${b}, ${c}, ${d} is above 1, ` +
          "expected a rotation",
      );
    }
    const handedness = forms.pixDims[0] === -1 ? -1 : 1;
    return { spacing, affine: affineOfQform({ ...forms, handedness }, spacing, 3 * 2 ** -23) };
  }
  // The world's origin is the centre of the volume, and x points left.
  const [x, y, z] = spacing;
  const [, nx, ny, nz] = [...forms.dims.slice(0, axes + 1), 1, 1, 1];
  const centre = [x * (nx - 1) / 2, -y * (ny - 1) / 2, -z * (nz - 1) / 2];
  return {
    spacing,
    affine: [-x, 0, 0, centre[0], 0, y, 0, centre[1] + 0, 0, 0, z, centre[2] + 0, 0, 0, 0, 1],
  };
}

function isNibabelCode(code: number): boolean {
  return code > 0 && code <= highestCode;
}

/**
 * ITK takes directions and origin of one of the transforms, and the spacing from the header in any
 * case. The sform has to be free of shear; it is taken if it says where the scanner put the patient,
 * or if there is no qform, or if it differs little from the qform.
 */
function gridOfItk(forms: NiftiForms, path: string): Grid {
  const scale = millimetres[forms.spatialUnit] ?? 1;
  const spacing = [1, 2, 3].map((axis) => {
    const value = forms.pixDims[axis];
    const usable = axis <= forms.dims[0] && Number.isFinite(value) && value !== 0;
    return usable ? value * scale : scale; // A negative spacing mirrors its axis.
  });
  const absolute = spacing.map(Math.abs);
  const [hasSform, hasQform] = [forms.sformCode > 0, forms.qformCode > 0];
  if (!hasSform && !hasQform) {
    const [x, y, z] = spacing;
    return { spacing: absolute, affine: [-x, 0, 0, 0, 0, -y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1] };
  }
  const qform = affineOfQform(
    {
      quaternion: [0, 1, 2].map((i) => finite(forms.quaternion[i])) as never,
      offset: [0, 1, 2].map((i) => finite(forms.offset[i])) as never,
      handedness: forms.pixDims[0] < 0 ? -1 : 1,
    },
    absolute.map((value) => value / scale),
    1e-7,
  );
  const sform = [...forms.sform, 0, 0, 0, 1];
  const rounded = qform.map(Math.fround);
  const usable = hasSform && isWithoutShear(sform);
  if (!usable && !hasQform) {
    throw new RangeError(
      `Cannot read ${path}: it has no qform, and the axes of its sform, ${
        forms.sform.join(" ")
      }, ` +
        "are not perpendicular, expected perpendicular axes or the reader NibabelIO",
    );
  }
  const preferred = usable &&
    (!hasQform || forms.sformCode === 1 || haveSameStretch(sform, rounded));
  return { spacing: absolute, affine: withSpacing(preferred ? sform : qform, spacing, scale) };
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** Whether an affine's axes are perpendicular within ITK's tolerance. */
function isWithoutShear(affine: readonly number[]): boolean {
  if (!affine.every(Number.isFinite)) return false;
  const units = unitColumns(affine);
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b <= a; b++) {
      // Products of rows, as in ITK: the matrix times its transpose.
      let product = a === b ? -1 : 0;
      for (let axis = 0; axis < 3; axis++) product += units[3 * a + axis] * units[3 * b + axis];
      if (!(Math.abs(product) <= 1e-4)) return false;
    }
  }
  return true;
}

/** The 3×3 part of an affine with columns of unit length, row-major. */
function unitColumns(affine: readonly number[]): number[] {
  const lengths = [0, 1, 2].map((axis) => columnLength(affine, axis));
  return [0, 1, 2].flatMap((row) =>
    lengths.map((length, axis) => affine[4 * row + axis] / (length || 1))
  );
}

/** An affine with its columns scaled to a spacing in mm, and its offset to mm. */
function withSpacing(
  affine: readonly number[],
  spacing: readonly number[],
  scale: number,
): number[] {
  const units = unitColumns(affine);
  const rows = [0, 1, 2].flatMap((row) => [
    ...spacing.map((length, axis) => units[3 * row + axis] * length),
    affine[4 * row + 3] * scale,
  ]);
  return [...rows, 0, 0, 0, 1];
}
