/** Makes label maps of the structures in DICOM segmentations and structure sets. */

import type { Labels } from "../array/labels.ts";
import { sizeOf } from "../array/nd_array.ts";
import { nameSome } from "../files/some_names.ts";
import { readDicomGrid } from "../image/dicom/dicom_folder.ts";
import { readStructures } from "../image/dicom/dicom_structures.ts";
import type { DicomStructures, StructureGrid } from "../image/dicom/structure_grid.ts";
import type { IgnoredFile } from "../image/ignored_file.ts";
import type { Segmentation } from "../image/image.ts";
import { readGrid } from "../image/read_grid.ts";
import { isFolder } from "../platform/files.ts";
import { printable } from "../untrusted/printable.ts";
import type { AnyCase, TrainingCase } from "./case.ts";
import type { ClassNames } from "./label_names.ts";

/** How label maps are made of structures. */
export interface StructureOptions {
  /**
   * Where structures overlap: their names, later ones drawn over earlier ones. By default an overlap
   * is an error, since a voxel has one label.
   */
  readonly overlapOrder?: readonly string[];
  /** For folders of DICOM slices of several series, the one that is read. */
  readonly series?: string | number;
  /**
   * Called with what may not be as intended, such as contours outside of a scan, or files of a case
   * that lie in other places.
   */
  readonly onWarning?: (message: string) => void;
}

/** The structures of a data set, and the label of each. */
export interface StructureLabels {
  /** Names of the labels, for `dataset.json`: as given, or those found, in the order of the files. */
  readonly classes: ClassNames;
  /** Structures that become no label, and why. */
  readonly ignored: readonly IgnoredFile[];
  /** Makes the label map of a case. */
  readonly read: (one: AnyCase) => Promise<Segmentation>;
}

/** Spelling and spaces of names differ between files. */
const keyOf = (name: string) => name.trim().toLowerCase();

/**
 * Reads the names of all structures and gives each a label.
 *
 * Names are compared without case. Without `classes`, the labels are numbered in the order in which
 * the cases have them.
 *
 * @param cases Cases with structures.
 * @param classes Names of the labels in order, or the integer of each.
 * @throws {TypeError} If `classes` has regions, which structures cannot be made of.
 * @throws {RangeError} If no case has a structure of one of the names, or none has any.
 * @throws {Error} If a file cannot be read or is damaged.
 */
export async function labelStructures(
  cases: readonly TrainingCase[],
  classes: ClassNames | undefined,
  options: StructureOptions,
): Promise<StructureLabels> {
  const found = new Map<string, string>();
  const ignored: IgnoredFile[] = [];
  const wanted = classes && integersOf(classes);
  for (const { label } of cases) {
    const { names, empty } = await readStructures(label);
    for (const name of names) if (!found.has(keyOf(name))) found.set(keyOf(name), name);
    if (empty.length > 0) {
      ignored.push({ path: label, reason: `${nameSome(empty)}: without closed contours` });
    }
    const others = wanted ? names.filter((name) => !wanted.has(keyOf(name))) : [];
    if (others.length > 0) {
      ignored.push({ path: label, reason: `${nameSome(others)}: not among the names` });
    }
  }
  if (found.size === 0) {
    throw new RangeError(
      "Cannot name labels: found no structures with an area in any file, expected at least one",
    );
  }
  const missing = wanted ? [...wanted.keys()].filter((key) => !found.has(key)) : [];
  if (missing.length > 0) {
    throw new RangeError(
      `Cannot name labels: found no structure ${nameSome(missing)} in any file, ` +
        `expected \`classes\` to be among ${nameSome([...found.values()])}`,
    );
  }
  const integers = wanted ?? new Map([...found.keys()].map((key, i) => [key, i + 1]));
  return {
    classes: classes ?? [...found.values()],
    ignored,
    read: (one) => drawCase(one, integers, options),
  };
}

/** The integer of each name. */
function integersOf(classes: ClassNames): Map<string, number> {
  const entries = Array.isArray(classes)
    ? (classes as readonly string[]).filter((name, i) => i > 0 || keyOf(name) !== "background")
      .map((name, i) => [name, i + 1] as const)
    : Object.entries(classes as Exclude<ClassNames, readonly string[]>)
      .filter(([, value]) => value !== 0);
  return new Map(entries.map(([name, value]) => {
    if (typeof value === "number") return [keyOf(name), value];
    throw new TypeError(
      `Cannot name labels: "${name}" is a region of several integers, expected one for each ` +
        "structure; create the data set with structures as labels, then edit its dataset.json",
    );
  }));
}

async function drawCase(
  { name: caseName, images, label }: AnyCase,
  integers: ReadonlyMap<string, number>,
  { overlapOrder, series, onWarning }: StructureOptions,
): Promise<Segmentation> {
  const grid = await gridOf(images[0], series);
  const structures = await readStructures(label!);
  const { shape } = grid.geometry;
  const largest = Math.max(...integers.values());
  const data: Labels = largest < 256
    ? new Uint8Array(sizeOf(shape))
    : new Uint16Array(sizeOf(shape));
  const rank = (name: string) => overlapOrder?.map(keyOf).indexOf(keyOf(name)) ?? -1;
  const drawn: string[] = [];
  for (const name of inOrder(structures, integers, rank)) {
    const mask = structures.draw(name, grid, onWarning);
    const value = integers.get(keyOf(name))!;
    const overlapped = drawOver(data, mask, value);
    for (const [other, voxels] of overlapped) {
      const below = drawn.find((one) => integers.get(keyOf(one)) === other)!;
      if (rank(below) >= 0 && rank(name) >= 0) continue;
      throw new RangeError(
        `Cannot read ${label}: "${printable(below)}" and "${printable(name)}" of case ` +
          `${caseName} overlap in ${voxels} voxels, expected one label for each voxel; pass ` +
          "`overlapOrder` with both names, the one to draw over the other last",
      );
    }
    drawn.push(name);
  }
  return { geometry: grid.geometry, data };
}

/** The structures that become labels; those with a rank last, in its order. */
function inOrder(
  { names }: DicomStructures,
  integers: ReadonlyMap<string, number>,
  rank: (name: string) => number,
): string[] {
  return names.filter((name) => integers.has(keyOf(name))).sort((a, b) => rank(a) - rank(b));
}

/**
 * Writes a label where the mask is set.
 *
 * @returns Number of voxels by the label that they had before.
 */
function drawOver(data: Labels, mask: Uint8Array, value: number): ReadonlyMap<number, number> {
  const before = new Map<number, number>();
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const old = data[i];
    if (old !== 0 && old !== value) before.set(old, (before.get(old) ?? 0) + 1);
    data[i] = value;
  }
  return before;
}

async function gridOf(image: string, series?: string | number): Promise<StructureGrid> {
  if (!await isFolder(image)) return await readGrid(image);
  const { geometry, placed, slices: [{ frameOfReference }] } = await readDicomGrid(image, {
    series,
  });
  return { geometry, placed, frameOfReference };
}
