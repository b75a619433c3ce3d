/** Unpacks and decodes the pixels of a DICOM slice. */

import { reasonOf } from "../../options/reason_of.ts";
import { MAX_PACKED_PIXELS } from "../../untrusted/limits.ts";
import { piecesOf } from "../pieces.ts";
import { decodeVoxels, type VoxelType } from "../voxels.ts";
import { decodePicture, DecoderLoadError } from "./codecs.ts";
import { packedHeader } from "./packed_header.ts";
import { unpackRunLengths } from "./run_lengths.ts";
import type { Packing } from "./transfer_syntax.ts";

/** Pixels of one picture as a file stores them. */
export interface DicomPixels {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How the bytes are packed; undefined if they are the values. */
  readonly packing?: Packing;
  readonly type: VoxelType;
  readonly littleEndian: boolean;
  /** Number of significant bits and the highest of them; higher bits may hold an overlay. */
  readonly bitsStored: number;
  readonly highBit: number;
  /** value = stored × slope + intercept */
  readonly slope: number;
  readonly intercept: number;
}

/** A picture whose pixels are to be decoded. */
export interface StoredPicture {
  /** The file, and the frame if it has several, for error messages. */
  readonly path: string;
  readonly rows: number;
  readonly columns: number;
  readonly pixels: DicomPixels;
}

/**
 * Unpacks a picture's pixels, if they are packed.
 *
 * @throws {RangeError} If the packed picture has another size than the file says, colours, or more
 * pixels than a slice may have.
 * @throws {Error} If it is damaged.
 */
export async function unpackPixels({ path, rows, columns, pixels }: StoredPicture): Promise<
  DicomPixels
> {
  const { packing, type } = pixels;
  if (packing === undefined) return pixels;
  const count = rows * columns;
  if (count > MAX_PACKED_PIXELS) {
    throw new RangeError(
      `Cannot read ${path}: its packed pixels are ${rows} × ${columns}, ` +
        `expected at most ${MAX_PACKED_PIXELS} in all`,
    );
  }
  try {
    const bytes = packing === "RLE"
      ? unpackRunLengths(pixels.bytes, count, type.bytes)
      : await unpackPicture(pixels.bytes, packing, { rows, columns, type });
    return { ...pixels, bytes, packing: undefined, littleEndian: true };
  } catch (cause) {
    if (cause instanceof DecoderLoadError) {
      throw new Error(
        `Cannot read ${path}: ${cause.message}; expected the npm packages that the library uses`,
        { cause },
      );
    }
    throw new Error(
      `Cannot read ${path}: its pixels, packed as ${packing}, are damaged or truncated ` +
        `(${reasonOf(cause)}), expected intact data of ${rows} × ${columns} pixels`,
      { cause },
    );
  }
}

async function unpackPicture(
  bytes: Uint8Array,
  packing: Exclude<Packing, "RLE">,
  { rows, columns, type }: {
    readonly rows: number;
    readonly columns: number;
    readonly type: VoxelType;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const header = packedHeader(bytes, packing);
  if (!header) throw new RangeError("found no header of a picture");
  const fits = (found: { readonly rows: number; readonly columns: number }) =>
    found.rows === rows && found.columns === columns;
  if (!fits(header)) throw new RangeError(`found ${header.rows} × ${header.columns} pixels`);
  if (header.samples !== 1) throw new RangeError(`found ${header.samples} values per pixel`);
  if (header.bits > 8 * type.bytes) throw new RangeError(`found values of ${header.bits} bits`);
  const decoded = await decodePicture(bytes, packing, header);
  const { values } = decoded;
  if (!fits(decoded) || values.length < rows * columns) {
    throw new RangeError(`found ${values.length} of ${rows * columns} pixels`);
  }
  const unpacked = new Uint8Array(rows * columns * type.bytes);
  // Assigning to another type keeps the low bits, which is what is stored.
  type.view(unpacked.buffer, 0, rows * columns).set(values.subarray(0, rows * columns));
  return unpacked;
}

/** Decodes a picture's values, (y, x) in C order. */
export async function decodeDicomPixels(
  picture: StoredPicture,
): Promise<Float32Array<ArrayBuffer>> {
  const { bytes, type, littleEndian, bitsStored, highBit, slope, intercept } = await unpackPixels(
    picture,
  );
  const count = bytes.length / type.bytes;
  const bits = type.bytes * 8;
  if (bitsStored === bits) {
    return await decodeVoxels(piecesOf(bytes), count, { type, littleEndian, slope, intercept });
  }
  const values = await decodeVoxels(piecesOf(bytes), count, {
    type,
    littleEndian,
    slope: 1,
    intercept: 0,
  });
  const left = 31 - highBit; // Shifts out the bits above the highest significant one.
  const right = 32 - bitsStored;
  const signed = type.name.startsWith("int");
  for (let i = 0; i < values.length; i++) {
    const shifted = values[i] << left;
    values[i] = (signed ? shifted >> right : shifted >>> right) * slope + intercept;
  }
  return values;
}
