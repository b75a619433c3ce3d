/**
 * Writes and reads preprocessed cases on disk.
 *
 * A case consists of `CASE.json`, which holds everything small; `CASE.image.zarr` and
 * `CASE.labels.zarr`, which are chunked so that a patch can be read without reading the whole
 * volume; and `CASE.locations.i32`, raw little-endian integers. The JSON file is written last and
 * removed first, so a case that has one is complete.
 *
 * Chunks are not compressed: noisy scans shrink by only a tenth with LZ4 and a fifth with
 * Zstandard, and reading a patch takes two to three times as long.
 */

import { type Shape, sizeOf, zyx } from "../array/nd_array.ts";
import type { Box } from "../array/box.ts";
import type { Sample } from "../augmentation/transform.ts";
import { writeFileAtomically, writeJsonAtomically } from "../platform/atomic_write.ts";
import {
  evenChunks,
  readZarr,
  writeZarr,
  type ZarrData,
  zarrTypeOf,
} from "../interop/zarr_array.ts";
import { caseFiles, caseFormat } from "./case_files.ts";
import type { ClassKey } from "./class_locations.ts";
import type { PreprocessedCase } from "./preprocessed_case.ts";
import { removeIfPresent } from "../platform/files.ts";
import { CASE_VERSION, type CaseHeader, readBytes, readParts } from "./stored_parts.ts";

export { listCases } from "./case_files.ts";

/**
 * Approximate shape of a chunk. Of eight shapes between 16 × 16 × 64 and 32 × 64 × 64, this one
 * read patches of 128³ fastest, in 5 ms; patches of 40 × 56 × 40 took 0.5 ms, slices of 256² 0.2
 * ms.
 */
export const CHUNK: Shape = [24, 24, 96];

/**
 * Writes a case, replacing one of the same name. If the process is killed, the folder has the old
 * case, the new one or none, but never an incomplete one.
 *
 * @param options Fingerprints of the inputs and of the recipe, to check later whether the case is up
 * to date and fits the plans.
 */
export async function writeCase(
  folder: string,
  preprocessed: PreprocessedCase,
  { fingerprint, recipe }: { readonly fingerprint?: string; readonly recipe?: string } = {},
) {
  const { name, data, segmentation, classLocations, properties } = preprocessed;
  const paths = caseFiles(folder, name);
  const chunkShape = evenChunks(data.shape.slice(1), CHUNK);
  await removeIfPresent(paths.header);
  await removeIfPresent(paths.labels, { recursive: true });
  await writeZarr(paths.image, data, chunkShape);
  if (segmentation) await writeZarr(paths.labels, segmentation, chunkShape);
  const positions = [...classLocations.values()];
  const locations = new Int32Array(positions.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const list of positions) {
    locations.set(list, offset);
    offset += list.length;
  }
  await writeFileAtomically(paths.locations, bytesOf(locations));

  await writeJsonAtomically(paths.header, {
    format: caseFormat,
    version: CASE_VERSION,
    fingerprint,
    recipe,
    imageShape: data.shape,
    labelType: segmentation && zarrTypeOf(segmentation.data),
    chunkShape,
    locations: [...classLocations].map(([label, { length }]) => ({ label, count: length / 3 })),
    properties,
  });
}

/** A case on disk. Its small parts are in memory, voxels are read on demand. */
export interface StoredCase extends Pick<PreprocessedCase, "name" | "classLocations"> {
  /** Shape of the image, (c, z, y, x). */
  readonly shape: Shape;
  /** Whether it has ground truth. */
  readonly labelled: boolean;
  /** Memory that the whole case takes once read. */
  readonly bytes: number;
  /**
   * Reads a box of the image and its labels. Outside the volume the image is 0 and labels are −1;
   * without ground truth all labels are −1. Synchronous; takes milliseconds for a training patch.
   *
   * @param patchSize Spatial shape of the result: the box's size, or its last two axes for a slice.
   */
  readPatch(box: Box, patchSize: Shape): Sample;
  /** Reads the whole case. */
  read(): PreprocessedCase;
}

/**
 * Opens a preprocessed case without reading its voxels.
 *
 * @param folder Folder with the preprocessed cases of one configuration.
 * @param name The case's name.
 * @returns The case, whose patches can be read.
 * @throws {SyntaxError} If its JSON file does not describe a preprocessed case.
 * @throws {RangeError} If another part does not match it or is cut off.
 * @throws {Error} If a file is missing or cannot be read.
 *
 * @example Reading a patch without the rest of the case
 * ```ts ignore
 * import { openCase } from "nnunet/parts";
 *
 * const folder = "nnUNet_preprocessed/Dataset004_Hippocampus/nnUNetPlans_3d_fullres";
 * const stored = await openCase(folder, "hippocampus_001");
 * const box = { origin: [0, 0, 0], size: [16, 24, 16] } as const; // (z, y, x)
 * const { image, segmentation } = stored.readPatch(box, box.size);
 * console.log(image.shape, segmentation.shape); // [1, 16, 24, 16] [16, 24, 16]
 * ```
 */
export async function openCase(folder: string, name: string): Promise<StoredCase> {
  const { header, image, labels } = await readParts(folder, name);
  const { imageShape, labelType, properties } = header;
  const [channels, ...shape] = imageShape;
  const paths = caseFiles(folder, name);
  const classLocations = await readLocations(folder, header, name);

  const readBoth = <T extends ZarrData>(box: Pick<Box, "size" | "origin">, target: T) => {
    const values = new Float32Array(channels * sizeOf(box.size));
    readZarr(paths.image, image, box, values);
    if (labels) readZarr(paths.labels, labels, box, target);
    return { values, labels: target };
  };
  const voxels = sizeOf(shape);
  return {
    name,
    shape: imageShape,
    labelled: labels !== undefined,
    classLocations,
    bytes: 4 * channels * voxels + (labels ? (labelType === "int8" ? 1 : 2) * voxels : 0) +
      locationBytes(classLocations),
    readPatch(box, patchSize) {
      const both = readBoth(box, new Int16Array(sizeOf(patchSize)).fill(-1));
      return {
        image: { shape: [channels, ...patchSize], data: both.values },
        segmentation: { shape: patchSize, data: both.labels },
      };
    },
    read() {
      const all: Box = { origin: [0, 0, 0], size: zyx(shape) };
      const both = readBoth(
        all,
        labelType === "int16" ? new Int16Array(voxels) : new Int8Array(voxels),
      );
      return {
        name,
        data: { shape: imageShape, data: both.values },
        segmentation: labels && { shape, data: both.labels },
        classLocations,
        properties,
      };
    },
  };
}

/**
 * Reads a whole preprocessed case into memory.
 *
 * @param folder Folder with the preprocessed cases of one configuration.
 * @param name The case's name.
 * @returns The case.
 * @throws As {@link openCase} does.
 *
 * @example Reading a case
 * ```ts ignore
 * import { readCase } from "nnunet/parts";
 *
 * const folder = "nnUNet_preprocessed/Dataset004_Hippocampus/nnUNetPlans_3d_fullres";
 * const { data, segmentation, properties } = await readCase(folder, "hippocampus_001");
 * console.log(data.shape, segmentation?.shape, properties.cropBox);
 * ```
 */
export async function readCase(folder: string, name: string): Promise<PreprocessedCase> {
  return (await openCase(folder, name)).read();
}

async function readLocations(folder: string, { locations: counts }: CaseHeader, name: string) {
  const bytes = await readBytes(folder, name, caseFiles(folder, name).locations);
  const locations = new Int32Array(bytes.buffer);
  const classLocations = new Map<ClassKey, Int32Array<ArrayBuffer>>();
  let offset = 0;
  for (const { label, count } of counts) {
    classLocations.set(label, locations.slice(offset, offset + 3 * count));
    offset += 3 * count;
  }
  return classLocations;
}

function locationBytes(locations: PreprocessedCase["classLocations"]) {
  return [...locations.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** A typed array's bytes, which are little-endian on every machine that Deno supports. */
function bytesOf(
  { buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
