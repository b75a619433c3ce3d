/** Decodes image files in the format that their ending says, wherever their bytes are stored. */

import type { Labels } from "../array/labels.ts";
import { sizeOf, type Zyx } from "../array/nd_array.ts";
import { requireKnown } from "../options/require_known.ts";
import type { Image, Segmentation } from "./image.ts";
import { bytesSource, type ImageSource } from "./image_source.ts";
import { joinPieces } from "./pieces.ts";
import { type Reader, readerOf } from "./reader.ts";
import { formatOf } from "./registry.ts";
import { reorientImage, reorientSegmentation } from "./reorient.ts";
import { decodeImage, isPlainBytes } from "./stored_image.ts";

/**
 * Decodes the bytes of an image file, which need not be on this machine's disk.
 *
 * @param name Name of the file; its ending determines the format, and error messages contain it.
 * @param content All bytes of the file; they are not changed.
 * @param options For a TIFF stack, which does not store it, the spacing in mm, (z, y, x); 1 mm by
 * default. For a header whose voxels are in other files, such as `.mhd`, the bytes of these, by the
 * names that the header has for them.
 * @returns The image, (c, z, y, x).
 * @throws {TypeError} If the name has an unknown ending, the file has another format, another file
 * that it refers to was not passed, or an option is unknown.
 * @throws {RangeError} If the file is truncated.
 * @throws {Error} If the file is damaged.
 *
 * @example The bytes of a file, for instance from a download
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeImageFile, imageFrom, writeImage } from "nnunet";
 *
 * const path = await Deno.makeTempFile({ suffix: ".nii.gz" });
 * const image = imageFrom(Float32Array.of(1, 2), { shape: [2, 1, 1], spacing: [3, 1, 1] });
 * await writeImage(path, image);
 * assert.deepEqual(await decodeImageFile("scan.nii.gz", await Deno.readFile(path)), image);
 * await Deno.remove(path);
 * ```
 */
export async function decodeImageFile(
  name: string,
  content: Uint8Array<ArrayBuffer>,
  options: {
    readonly spacing?: Zyx;
    readonly files?: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  } = {},
): Promise<Image> {
  requireKnown(options, { spacing: true, files: true }, `decode ${name}`);
  const { spacing, files } = options;
  return await decodeScan(bytesSource(name, content, spacing, files), readerOf(undefined, name));
}

/**
 * Decodes a scan, (c, z, y, x), as a reader does.
 *
 * @throws As {@link decodeImageFile} does.
 */
export async function decodeScan(source: ImageSource, reader: Reader): Promise<Image> {
  const image = await formatOf(source.path, "read").decode(source, reader.convention);
  return reorientImage(image, reader, source.path);
}

/**
 * Decodes a label map of any number type, as a reader does.
 *
 * @returns The label map, (z, y, x), as uint8 if every label fits, otherwise as uint16.
 * @throws {TypeError} If the file has an unknown ending or another format.
 * @throws {RangeError} If the file has several channels or is truncated, or a value is not an
 * integer from 0 to 65535.
 * @throws {Error} If the file cannot be read.
 */
export async function decodeSegmentation(
  source: ImageSource,
  reader: Reader,
): Promise<Segmentation> {
  const segmentation = await decodeLabels(source, reader);
  return reorientSegmentation(segmentation, reader, source.path);
}

async function decodeLabels(source: ImageSource, { convention }: Reader): Promise<Segmentation> {
  const { path } = source;
  const format = formatOf(path, "read");
  const stored = await format.decodeStored?.(source, convention);
  if (stored && isPlainBytes(stored)) {
    const { geometry, voxels } = stored;
    return { geometry, data: await joinPieces(voxels, sizeOf(geometry.shape)) };
  }
  const { geometry, channels, data } = stored
    ? await decodeImage(stored)
    : await format.decode(source, convention);
  if (channels !== 1) {
    throw new RangeError(`Cannot read labels of ${path}: found ${channels} channels, expected 1`);
  }
  const narrow = new Uint8Array(data.length);
  if (storeIntegers(data, narrow) < 0) return { geometry, data: narrow };
  const wide = new Uint16Array(data.length);
  const deviant = storeIntegers(data, wide);
  if (deviant < 0) return { geometry, data: wide };
  throw new RangeError(
    `Cannot read labels of ${path}: found ${data[deviant]}, expected integers from 0 to 65535`,
  );
}

/** Index of the first value that is not an integer of the target's type; −1 if all are. */
function storeIntegers(values: Float32Array, target: Labels): number {
  for (let i = 0; i < values.length; i++) {
    target[i] = values[i];
    if (target[i] !== values[i]) return i;
  }
  return -1;
}
