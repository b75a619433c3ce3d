/**
 * Stores label maps on a plan's grid, which one stage of a cascade writes for the next. Each is a
 * chunked Zarr array `CASE.zarr`, so that a patch can be read without reading the whole volume.
 */

import type { AnyLabels } from "../array/labels.ts";
import { join } from "../platform/paths.ts";
import { type NdArray, type Shape, sizeOf, zyx } from "../array/nd_array.ts";
import type { Box } from "../array/box.ts";
import type { LabelMap } from "../augmentation/crop_sample.ts";
import {
  evenChunks,
  readZarr,
  readZarrLayout,
  writeZarr,
  zarrFile,
} from "../interop/zarr_array.ts";
import { CHUNK } from "./storage.ts";
import { listFolderIfPresent } from "../platform/files.ts";

/** Largest label that fits int8. */
const INT8_MAX = 127;
const INT16_MAX = 32_767;

const ENDING = ".zarr";

function pathOf(folder: string, name: string): string {
  return join(folder, `${name}${ENDING}`);
}

/** Returns the path of a label map's voxels, whether or not it exists. */
export function labelMapFile(folder: string, name: string): string {
  return zarrFile(pathOf(folder, name), { shape: [0, 0, 0] });
}

/**
 * Lists the cases whose label maps are in a folder.
 *
 * @returns Names in no particular order; empty if the folder does not exist.
 */
export async function listLabelMaps(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of listFolderIfPresent(folder)) {
    if (name.endsWith(ENDING) && !name.startsWith(".")) names.push(name.slice(0, -ENDING.length));
  }
  return names;
}

/**
 * Writes a case's label map, replacing one of the same name.
 *
 * @param map Labels, (z, y, x).
 * @throws {RangeError} If a label is above 32767.
 */
export async function writeLabelMap(
  folder: string,
  name: string,
  { shape, data }: NdArray<AnyLabels>,
): Promise<void> {
  let highest = 0;
  for (let i = 0; i < data.length; i++) if (data[i] > highest) highest = data[i];
  if (highest > INT16_MAX) {
    throw new RangeError(
      `Cannot write label map "${name}": found label ${highest}, expected at most ${INT16_MAX}`,
    );
  }
  const stored = highest > INT8_MAX ? Int16Array.from(data) : Int8Array.from(data);
  await writeZarr(pathOf(folder, name), { shape, data: stored }, evenChunks(shape, CHUNK));
}

/** A label map on disk. */
export interface StoredLabelMap {
  /** Voxels per axis, (z, y, x). */
  readonly shape: Shape;
  /** Memory that the whole map takes once read. */
  readonly bytes: number;
  /**
   * Reads a box; voxels outside the map are −1. Synchronous: blocks until the disk has answered.
   *
   * @param patchSize Spatial shape of the result: the box's size, or its last two axes for a slice.
   */
  readPatch(box: Box, patchSize: Shape): NdArray<Int16Array<ArrayBuffer>>;
  /** Reads the whole map. */
  read(): LabelMap;
}

/**
 * Opens a case's label map.
 *
 * @throws {SyntaxError} If the file is not a label map written by {@link writeLabelMap}.
 * @throws {RangeError} If its data file is too short or too long.
 * @throws {Error} If it is missing or cannot be read.
 */
export async function openLabelMap(folder: string, name: string): Promise<StoredLabelMap> {
  const path = pathOf(folder, name);
  const layout = await readZarrLayout(path);
  const { type, shape } = layout;
  if (type === "float32" || shape.length !== 3) {
    throw new SyntaxError(
      `Cannot read label map ${path}: found ${type} of shape [${shape}], ` +
        "expected integers on three axes",
    );
  }
  const voxels = sizeOf(shape);
  return {
    shape,
    bytes: voxels * (type === "int8" ? 1 : 2),
    readPatch(box, patchSize) {
      const data = new Int16Array(sizeOf(patchSize)).fill(-1);
      readZarr(path, layout, box, data);
      return { shape: patchSize, data };
    },
    read() {
      const data = type === "int8" ? new Int8Array(voxels) : new Int16Array(voxels);
      readZarr(path, layout, { origin: [0, 0, 0], size: zyx(shape) }, data);
      return { shape, data };
    },
  };
}
