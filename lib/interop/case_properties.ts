/**
 * Reads and writes the `.pkl` next to a case's probabilities: the scan's properties from nnU-Net's
 * readers.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/imageio/simpleitk_reader_writer.py,
 * nibabel_reader_writer.py
 */

import type { Bounds } from "../array/box.ts";
import { type Zyx, zyx } from "../array/nd_array.ts";
import { isPlanar } from "../image/geometry.ts";
import { readerOf } from "../image/reader.ts";
import {
  axisCodesOf,
  withStoredAffine,
  withStoredOrientation,
} from "../image/stored_orientation.ts";
import type { Geometry } from "../image/image.ts";
import { geometryOfItk, itkGridOf } from "../image/itk_grid.ts";
import { toJson } from "./json_value.ts";
import { numpyGlobals } from "./numpy_pickle.ts";
import { readPickle } from "./pickle_reader.ts";
import { writePickle } from "./pickle_writer.ts";
import { isTensor, type PythonValue, Tuple } from "./python_values.ts";
import { reasonOf } from "../options/reason_of.ts";

/** Cropping of a case, in the axis order of the plans. */
export interface CropProperties {
  readonly shapeBeforeCropping: Zyx;
  readonly cropBox: Bounds;
  readonly shapeAfterCropping: Zyx;
}

/** Voxel grid of probabilities. */
export interface ProbabilityGrid {
  /** Geometry of the scan. */
  readonly geometry: Geometry;
  /** Part of the scan that the probabilities cover, as in version 1; the whole scan by default. */
  readonly cropBox?: Bounds;
}

/**
 * Reads the grid of probabilities from the properties of nnU-Net v2 or v1, without executing code
 * in the file.
 *
 * @param shape Shape of the probabilities, (z, y, x).
 * @param path Path for error messages.
 * @throws {TypeError} If the file has more than plain data, or the probabilities are not on the
 * scan's own grid.
 * @throws {SyntaxError} If the file is not a pickle, or lacks the geometry.
 */
export function decodeProperties(
  bytes: Uint8Array<ArrayBuffer>,
  shape: Zyx,
  path: string,
): ProbabilityGrid {
  let properties: unknown;
  try {
    properties = readPickle(bytes, { globals: numpyGlobals });
  } catch (cause) {
    const Kind = cause instanceof TypeError ? TypeError : SyntaxError;
    throw new Kind(`Cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
  const grid = properties instanceof Map &&
    (gridOfVersion1(properties, shape, path) ?? gridOf(properties, shape, path));
  if (grid) return grid;
  throw new SyntaxError(`Cannot read ${path}: found no geometry of a scan`);
}

function gridOf(
  properties: ReadonlyMap<unknown, unknown>,
  shape: Zyx,
  path: string,
): ProbabilityGrid | undefined {
  const itk = properties.get("sitk_stuff");
  if (itk instanceof Map) {
    const grid = itkGrid(
      shape,
      itk.get("spacing"),
      itk.get("origin"),
      itk.get("direction"),
      path,
    );
    const code = itk.get("original_orientation");
    if (!grid || typeof code !== "string") return grid;
    return { geometry: withStoredOrientation(grid.geometry, code, path) };
  }
  const spacing = numbersOf(properties.get("spacing"));
  if (spacing?.length !== 3) return undefined;
  const [z, y, x] = spacing;
  const nibabel = properties.get("nibabel_stuff");
  if (!(nibabel instanceof Map)) {
    const affine = [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1];
    return { geometry: { shape, spacing: [z, y, x], affine } };
  }
  const affine = numbersOf(nibabel.get("original_affine"));
  const reoriented = numbersOf(nibabel.get("reoriented_affine"));
  if (affine?.length !== 16) return undefined;
  const geometry = { shape, spacing: [z, y, x] as const, affine: reoriented ?? affine };
  if (reoriented === undefined) return { geometry };
  if (reoriented.length !== 16) return undefined;
  return { geometry: withStoredAffine(geometry, affine, path) };
}

function gridOfVersion1(
  properties: ReadonlyMap<unknown, unknown>,
  shape: Zyx,
  path: string,
): ProbabilityGrid | undefined {
  if (!properties.has("itk_spacing")) return undefined;
  const size = numbersOf(properties.get("original_size_of_raw_data"));
  if (size?.length !== 3) return undefined;
  const [spacing, origin, direction] = ["spacing", "origin", "direction"]
    .map((key) => properties.get(`itk_${key}`));
  const grid = itkGrid(zyx(size), spacing, origin, direction, path);
  const box = properties.get("crop_bbox");
  if (!grid || !Array.isArray(box)) return grid;
  const cropBox = box.map(numbersOf);
  const fits = cropBox.length === 3 &&
    cropBox.every((range, axis) =>
      range?.length === 2 && range[0] >= 0 && range[1] <= size[axis] &&
      range[1] - range[0] === shape[axis]
    );
  if (fits) return { ...grid, cropBox: cropBox as unknown as Bounds };
  throw new SyntaxError(
    `Cannot read ${path}: its box is ${JSON.stringify(cropBox)}, expected a box of shape ` +
      `[${shape}] within [${size}]`,
  );
}

function itkGrid(
  shape: Zyx,
  ...[spacings, origins, directions, path]: [unknown, unknown, unknown, string]
): ProbabilityGrid | undefined {
  const [spacing, origin, direction] = [spacings, origins, directions].map(numbersOf);
  if (!spacing || !origin || !direction) return undefined;
  const size = shape.toReversed().slice(0, spacing.length);
  return { geometry: geometryOfItk({ size, spacing, origin, direction }, path) };
}

function numbersOf(value: unknown): number[] | undefined {
  if (isTensor(value)) return Array.from(value.data, Number);
  if (!Array.isArray(value)) return undefined;
  const numbers = (toJson(value, "numbers") as number[]).flat(); // Also a matrix as a list of rows.
  return numbers.every((each) => typeof each === "number") ? numbers : undefined;
}

/**
 * Encodes a case's properties as the pickle that nnU-Net writes.
 *
 * @param reader Name of the reader, on which it depends what describes the grid.
 */
export function encodeProperties(
  geometry: Geometry,
  { shapeBeforeCropping, cropBox, shapeAfterCropping }: CropProperties,
  reader: string,
): Uint8Array<ArrayBuffer> {
  return writePickle({
    ...readerOf(reader, "the scan").convention === "nibabel"
      ? { nibabel_stuff: nibabelGrid(geometry) }
      : { sitk_stuff: sitkGrid(geometry) },
    spacing: isPlanar(geometry) ? tuple(geometry.spacing) : [...geometry.spacing],
    shape_before_cropping: tuple(shapeBeforeCropping),
    bbox_used_for_cropping: cropBox.map((range) => [...range]),
    shape_after_cropping_and_before_resampling: tuple(shapeAfterCropping),
  });
}

const tuple = (numbers: readonly number[]) => Tuple.from(numbers as PythonValue[]);

function sitkGrid(geometry: Geometry): PythonValue {
  const { spacing, origin, direction } = itkGridOf(geometry, 1);
  const { stored } = geometry;
  return {
    spacing: tuple(spacing),
    origin: tuple(origin),
    direction: tuple(direction),
    ...stored && { original_orientation: axisCodesOf(stored) },
  };
}

function nibabelGrid({ affine, stored }: Geometry): PythonValue {
  const rows = (matrix: readonly number[]) =>
    [0, 4, 8, 12].map((start) => matrix.slice(start, start + 4));
  if (!stored) return { original_affine: rows(affine) };
  return { original_affine: rows(stored.affine), reoriented_affine: rows(affine) };
}
