/**
 * Reads NIfTI headers of versions 1 and 2, and Analyze's, from which NIfTI grew; writes those of
 * version 1.
 */

import { isNIFTI1, isNIFTI2, NIFTI1, NIFTI2 } from "../../packages/nifti_reader.ts";
import { sizeOf } from "../../array/nd_array.ts";
import { columnLength, isPlanar } from "../geometry.ts";
import type { Geometry } from "../image.ts";
import type { GridConvention } from "../reader.ts";
import { isInvertible, qformOfAffine } from "./nifti_affine.ts";
import { type NiftiForms, niftiGeometry } from "./nifti_geometry.ts";
import { niftiTypeCode, niftiVoxelTypes } from "./nifti_voxels.ts";
import type { VoxelEncoding, VoxelType } from "../voxels.ts";

/** Contents of a NIfTI header. */
export interface NiftiHeader {
  readonly geometry: Geometry;
  readonly channels: number;
  readonly encoding: VoxelEncoding;
  /** Offset of the first voxel, in bytes. */
  readonly voxelOffset: number;
  /** Minimum length of the file, in bytes. */
  readonly fileBytes: number;
}

type RawHeader = NIFTI1 | NIFTI2;

/** Whether a header is in one file with its voxels, or is the `.hdr` of a pair. */
export type NiftiLayout = "single" | "pair";

/**
 * Reads a header. An axis beyond the third becomes channels.
 *
 * Analyze files have neither orientation nor scaling. Other programs' own fields in them, such as
 * SPM's, are ignored, as ITK does.
 *
 * @param content The file's first 540 bytes or more, or all of it.
 * @param path Path for error messages.
 * @param convention How an ambiguous grid is determined.
 * @param layout The expected kind of file; `voxelOffset` and `fileBytes` are about the `.img` of a pair.
 * @throws {TypeError} If the file is of another kind or does not store real numbers.
 * @throws {RangeError} If the file is shorter than a header, or sizes are invalid.
 */
export function readNiftiHeader(
  content: Uint8Array<ArrayBuffer>,
  path: string,
  convention: GridConvention,
  layout: NiftiLayout = "single",
): NiftiHeader {
  const raw = layout === "single" ? parseHeader(content, path) : parsePair(content, path);
  const axes = raw.dims[0];
  if (!(axes >= 2 && axes <= 7)) {
    throw new RangeError(`Cannot read ${path}: header has ${axes} axes, expected 2 to 7`);
  }
  const extents = raw.dims.slice(1, axes + 1);
  if (!extents.every((extent) => extent >= 1)) {
    throw new RangeError(
      `Cannot read ${path}: header has shape ${extents.join(" × ")}, expected positive extents`,
    );
  }
  const beyondSpace = extents.slice(3).filter((extent) => extent > 1);
  if (beyondSpace.length > 1) {
    throw new RangeError(
      `Cannot read ${path}: header has shape ${extents.join(" × ")}, ` +
        "expected at most one axis of channels beyond x, y, z",
    );
  }
  const type = niftiVoxelTypes[raw.datatypeCode];
  if (!type) {
    throw new TypeError(
      `Cannot read ${path}: data type is ${raw.datatypeCode}, ` +
        `expected one of ${
          Object.entries(niftiVoxelTypes).map(([c, t]) => `${c} (${t.name})`).join(", ")
        }`,
    );
  }
  const headerBytes = layout === "single" ? headerBytesOf(raw) : 0;
  // Four bytes say whether extensions follow.
  const smallestOffset = layout === "single" ? headerBytes + 4 : 0;
  const voxelOffset = raw.vox_offset === 0 ? smallestOffset : raw.vox_offset;
  if (!Number.isSafeInteger(voxelOffset) || voxelOffset < headerBytes) {
    throw new RangeError(
      `Cannot read ${path}: voxels start at byte ${voxelOffset}, expected ${smallestOffset} or more`,
    );
  }
  const scaled = Number.isFinite(raw.scl_slope) && raw.scl_slope !== 0;
  return {
    geometry: niftiGeometry(formsOf(raw, content), convention, path),
    channels: beyondSpace[0] ?? 1,
    encoding: {
      type,
      littleEndian: raw.littleEndian,
      slope: scaled ? raw.scl_slope : 1,
      intercept: scaled && Number.isFinite(raw.scl_inter) ? raw.scl_inter : 0,
    },
    voxelOffset,
    fileBytes: voxelOffset + sizeOf(extents) * type.bytes,
  };
}

/**
 * Encodes the first 352 bytes of a little-endian NIfTI-1 file, with sform and qform of code 1.
 *
 * A grid that came from a 2D image is written as a 2D image.
 *
 * @param path Path for error messages.
 * @throws {RangeError} If an axis is longer than NIfTI-1's limit of 32767 voxels.
 */
export function writeNiftiHeader(
  geometry: Geometry,
  channels: number,
  type: VoxelType,
  path: string,
  layout: NiftiLayout = "single",
): Uint8Array<ArrayBuffer> {
  const { shape: [z, y, x], affine } = geometry;
  for (const extent of [x, y, z, channels]) {
    if (extent > 32767) {
      throw new RangeError(
        `Cannot write ${path}: an axis has ${extent} entries, expected at most 32767`,
      );
    }
  }
  const planar = channels === 1 && isPlanar(geometry);
  const axes = planar ? 2 : channels === 1 ? 3 : 4;
  const [spacingZ, spacingY, spacingX] = geometry.spacing;
  // A grid whose axes do not span space, as nibabel reads them, has no rotation.
  const hasQform = isInvertible(affine);
  const { quaternion, offset, handedness } = qformOfAffine(hasQform ? affine : identity);

  const raw = new NIFTI1();
  raw.littleEndian = true;
  raw.dims = [axes, x, y, z, channels, 1, 1, 1];
  raw.pixDims = [
    handedness,
    spacingX,
    spacingY,
    planar ? columnLength(affine, 2) : spacingZ,
    1,
    1,
    1,
    1,
  ];
  raw.datatypeCode = niftiTypeCode(type);
  raw.numBitsPerVoxel = type.bytes * 8;
  raw.vox_offset = layout === "single" ? NIFTI1.STANDARD_HEADER_SIZE + 4 : 0;
  raw.xyzt_units = NIFTI1.UNITS_MM;
  raw.qform_code = hasQform ? NIFTI1.XFORM_SCANNER_ANAT : NIFTI1.XFORM_UNKNOWN;
  raw.sform_code = NIFTI1.XFORM_SCANNER_ANAT;
  [raw.quatern_b, raw.quatern_c, raw.quatern_d] = quaternion;
  [raw.qoffset_x, raw.qoffset_y, raw.qoffset_z] = offset;
  raw.affine = [0, 4, 8, 12].map((start) => affine.slice(start, start + 4));
  raw.magic = layout === "single" ? "n+1" : "ni1";
  return new Uint8Array(raw.toArrayBuffer());
}

const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

function parseHeader(content: Uint8Array<ArrayBuffer>, path: string): RawHeader {
  const bytes = beginningOf(content, path);
  if (isNIFTI1(bytes)) return parse(new NIFTI1(), bytes, path);
  if (isNIFTI2(bytes)) return parse(new NIFTI2(), longBeginningOf(content, path), path);
  const pair = isNIFTI1(bytes, true) || isNIFTI2(bytes, true);
  throw new TypeError(
    `Cannot read ${path}: ` +
      (pair
        ? "file is half of an .hdr/.img pair, expected a single NIfTI file"
        : "file has no NIfTI magic, expected n+1 or n+2"),
  );
}

/** Parses the header of a pair: NIfTI's, or Analyze's, which has no magic but its own length. */
function parsePair(content: Uint8Array<ArrayBuffer>, path: string): RawHeader {
  const bytes = beginningOf(content, path);
  if (isNIFTI1(bytes, true)) return parse(new NIFTI1(), bytes, path);
  if (isNIFTI2(bytes, true)) return parse(new NIFTI2(), longBeginningOf(content, path), path);
  if (isNIFTI1(bytes) || isNIFTI2(bytes)) {
    throw new TypeError(
      `Cannot read ${path}: file is a single NIfTI file, expected the header of an .hdr/.img pair; ` +
        "rename it so that it ends in .nii",
    );
  }
  const view = new DataView(bytes);
  const isAnalyze = [true, false].some((little) =>
    view.getInt32(0, little) === NIFTI1.STANDARD_HEADER_SIZE
  );
  if (!isAnalyze) {
    throw new TypeError(
      `Cannot read ${path}: file is no header of a NIfTI or Analyze pair, ` +
        `expected ${NIFTI1.STANDARD_HEADER_SIZE} in its first four bytes`,
    );
  }
  const raw = parse(new NIFTI1(), bytes, path);
  // What NIfTI stores in these bytes has another meaning in Analyze.
  raw.qform_code = raw.sform_code = NIFTI1.XFORM_UNKNOWN;
  raw.scl_slope = 0;
  raw.xyzt_units = NIFTI1.UNITS_UNKNOWN;
  return raw;
}

/** The first bytes only: with more, nifti-reader-js follows extensions, which may form a cycle. */
function beginningOf(content: Uint8Array<ArrayBuffer>, path: string): ArrayBuffer {
  if (content.length >= NIFTI1.STANDARD_HEADER_SIZE) {
    return content.slice(0, NIFTI1.STANDARD_HEADER_SIZE).buffer;
  }
  throw new RangeError(
    `Cannot read ${path}: file holds ${content.length} bytes, ` +
      `expected a NIfTI header of ${NIFTI1.STANDARD_HEADER_SIZE}`,
  );
}

/** The same for version 2, padded with four bytes of zeros, which say that no extensions follow. */
function longBeginningOf(content: Uint8Array<ArrayBuffer>, path: string): ArrayBuffer {
  if (content.length < NIFTI2.MAGIC_COOKIE) {
    throw new RangeError(
      `Cannot read ${path}: file holds ${content.length} bytes, ` +
        `expected a NIfTI-2 header of ${NIFTI2.MAGIC_COOKIE}`,
    );
  }
  const padded = new Uint8Array(NIFTI2.MAGIC_COOKIE + 4);
  padded.set(content.subarray(0, NIFTI2.MAGIC_COOKIE));
  return padded.buffer;
}

function parse<T extends RawHeader>(header: T, bytes: ArrayBuffer, path: string): T {
  try {
    header.readHeader(bytes);
  } catch (cause) {
    throw new TypeError(
      `Cannot read ${path}: header has the wrong size, expected 348 (NIfTI-1) or 540 (NIfTI-2)`,
      { cause },
    );
  }
  return header;
}

function headerBytesOf(raw: RawHeader): number {
  return raw instanceof NIFTI1 ? NIFTI1.STANDARD_HEADER_SIZE : NIFTI2.MAGIC_COOKIE;
}

/** The numbers that the grid follows from. */
function formsOf(raw: RawHeader, content: Uint8Array<ArrayBuffer>): NiftiForms {
  return {
    dims: raw.dims,
    pixDims: raw.pixDims,
    sformCode: raw.sform_code,
    sform: sformRows(raw, content),
    qformCode: raw.qform_code,
    quaternion: [raw.quatern_b, raw.quatern_c, raw.quatern_d],
    offset: [raw.qoffset_x, raw.qoffset_y, raw.qoffset_z],
    spatialUnit: raw.xyzt_units & NIFTI1.SPATIAL_UNITS_MASK,
  };
}

/** The sform's twelve numbers, read from the bytes: nifti-reader-js may have replaced them. */
function sformRows(raw: RawHeader, content: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const { littleEndian } = raw;
  return Array.from(
    { length: 12 },
    (_, i) =>
      raw instanceof NIFTI1
        ? view.getFloat32(280 + 4 * i, littleEndian)
        : view.getFloat64(400 + 8 * i, littleEndian),
  );
}
