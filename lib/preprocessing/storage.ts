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

import { parseJson } from "../untrusted/json_text.ts";
import { z } from "zod";
import { type Shape, sizeOf, zyx } from "../array/nd_array.ts";
import type { Box } from "../array/box.ts";
import type { Sample } from "../augmentation/transform.ts";
import { writeFileAtomically, writeJsonAtomically } from "../platform/atomic_write.ts";
import {
  evenChunks,
  readZarr,
  writeZarr,
  type ZarrData,
  zarrFile,
  zarrFileBytes,
  type ZarrLayout,
  zarrTypeOf,
} from "../interop/zarr_array.ts";
import { caseFiles, caseFormat } from "./case_files.ts";
import type { ClassKey } from "./class_locations.ts";
import type { PreprocessedCase } from "./preprocessed_case.ts";

export { listCases } from "./case_files.ts";
import { fileInfo, readFile, removeIfPresent } from "../platform/files.ts";
import { reasonOf } from "../options/reason_of.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

const VERSION = 2;

/**
 * Approximate shape of a chunk. Of eight shapes between 16 × 16 × 64 and 32 × 64 × 64, this one
 * read patches of 128³ fastest, in 5 ms; patches of 40 × 56 × 40 took 0.5 ms, slices of 256² 0.2
 * ms.
 */
export const CHUNK: Shape = [24, 24, 96];

const shapeZyx = z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]);
const spacingZyx = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);
const range = z.tuple([z.int().nonnegative(), z.int().positive()]);

const headerSchema = z.object({
  format: z.literal(caseFormat),
  version: z.literal(VERSION),
  /** Fingerprint of the inputs this case was made from; see {@link storedFingerprint}. */
  fingerprint: z.string().optional(),
  imageShape: z.tuple([z.int().positive(), ...shapeZyx.def.items]),
  labelType: z.enum(["int8", "int16"]).optional(),
  /** Spatial shape of the chunks of image and labels. */
  chunkShape: shapeZyx,
  /** Number of positions per label or region, in the order of the locations file. */
  locations: z.array(
    z.object({ label: z.union([z.int(), z.string()]), count: z.int().nonnegative() }),
  ),
  properties: z.object({
    geometry: z.object({
      shape: shapeZyx,
      spacing: spacingZyx,
      affine: z.array(z.number()).length(16),
    }),
    shapeBeforeCropping: shapeZyx,
    cropBox: z.tuple([range, range, range]),
    shapeAfterCropping: shapeZyx,
    spacingAfterTransposing: spacingZyx,
  }),
});

type Header = z.infer<typeof headerSchema>;

/**
 * Writes a case, replacing one of the same name. If the process is killed, the folder has the old
 * case, the new one or none, but never an incomplete one.
 *
 * @param options The fingerprint of the inputs, to check later whether the case is up to date.
 */
export async function writeCase(
  folder: string,
  preprocessed: PreprocessedCase,
  { fingerprint }: { readonly fingerprint?: string } = {},
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
    version: VERSION,
    fingerprint,
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
 * @throws {RangeError} If an array file is too short or too long for the shape.
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
  const header = await readHeader(folder, name);
  const { imageShape, labelType, chunkShape, properties } = header;
  const paths = caseFiles(folder, name);
  const [channels, ...shape] = imageShape;
  const image: ZarrLayout = { type: "float32", shape: imageShape, chunkShape };
  const labels: ZarrLayout | undefined = labelType && { type: labelType, shape, chunkShape };
  await requireLength(folder, name, paths.image, image);
  if (labels) await requireLength(folder, name, paths.labels, labels);
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

async function readLocations(folder: string, header: Header, name: string) {
  const path = caseFiles(folder, name).locations;
  const bytes = await readBytes(folder, name, path);
  const total = header.locations.reduce((sum, { count }) => sum + count, 0);
  requireBytes(folder, name, path, bytes.length, total * 3 * 4);
  const locations = new Int32Array(bytes.buffer);
  const classLocations = new Map<ClassKey, Int32Array<ArrayBuffer>>();
  let offset = 0;
  for (const { label, count } of header.locations) {
    classLocations.set(label, locations.slice(offset, offset + 3 * count));
    offset += 3 * count;
  }
  return classLocations;
}

function locationBytes(locations: PreprocessedCase["classLocations"]) {
  return [...locations.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

async function requireLength(folder: string, name: string, path: string, layout: ZarrLayout) {
  const file = zarrFile(path, layout);
  try {
    const { size } = await fileInfo(file);
    requireBytes(folder, name, file, size, zarrFileBytes(layout));
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new Error(`${cannotRead(folder, name)}: ${file}: ${reasonOf(cause)}`, { cause });
  }
}

function requireBytes(folder: string, name: string, path: string, found: number, expected: number) {
  if (found === expected) return;
  throw new RangeError(
    `${cannotRead(folder, name)}: ${path} has ${found} bytes, expected ${expected}`,
  );
}

/** The fingerprint a case was written with; undefined if there is no complete case. */
export async function storedFingerprint(
  folder: string,
  name: string,
): Promise<string | undefined> {
  try {
    return (await readHeader(folder, name)).fingerprint;
  } catch {
    return undefined; // Missing, foreign or damaged: the case must be preprocessed again.
  }
}

async function readHeader(folder: string, name: string): Promise<Header> {
  const path = caseFiles(folder, name).header;
  const text = new TextDecoder().decode(await readBytes(folder, name, path));
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new SyntaxError(`${cannotRead(folder, name)}: ${path} is not JSON`, { cause });
  }
  const header = headerSchema.safeParse(value);
  if (header.success) return header.data;
  throw new SyntaxError(
    `${cannotRead(folder, name)}: ${path} does not describe a preprocessed case: ` +
      schemaProblems(header.error),
  );
}

async function readBytes(folder: string, name: string, path: string) {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`${cannotRead(folder, name)}: ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function cannotRead(folder: string, name: string) {
  return `Cannot read preprocessed case "${name}" in ${folder}`;
}

/** A typed array's bytes, which are little-endian on every machine that Deno supports. */
function bytesOf(
  { buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
